"""Spark: the adapter on a cluster of two executors, one of them killed half-way."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from spread_parts import bytes_of, course

import quizanalysis as qa

pyspark = pytest.importorskip("pyspark", reason="needs the extra spark")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

from quizanalysis.adapters.spark import tally  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # Spark's own are not ours to mend

COURSE = course()
HERE = str(Path(__file__).parent)


def whole(attempt="last", **options):
    """What one process counts."""
    responses = qa.Responses.from_arrow(COURSE)
    return bytes_of(qa.Tally.of(responses.attempts(attempt), **options))


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    from pyspark.sql import SparkSession  # noqa: PLC0415

    place = tmp_path_factory.mktemp("spark")
    home = place / "home"
    home.mkdir()
    # Executors leave their logs in the home of Spark, which is not ours to fill.
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.executorEnv.PYTHONPATH": os.pathsep.join([HERE, *sys.path]),
        "spark.executorEnv.SPARK_LOCAL_IP": "127.0.0.1",
        "spark.local.dir": str(place),
        "spark.log.level": "ERROR",
        "spark.pyspark.python": sys.executable,
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.warehouse.dir": str(place),
        "spark.ui.enabled": "false",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_HOME", str(home))
        builder = SparkSession.builder.master("local-cluster[2,1,1024]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def frame(spark):
    return spark.createDataFrame(COURSE).repartition(4)


@pytest.mark.parametrize("by_student", [False, True])
def test_two_executors_count_the_same_bytes(spark, frame, by_student):
    assert bytes_of(tally(frame, by_student=by_student)) == whole()
    # The driver is one of those that have memory for blocks.
    assert spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() == 3  # noqa: SLF001


def test_its_options_are_those_of_the_library(frame):
    made = tally(frame, attempt="best", blank="omit", total="recorded")
    assert bytes_of(made) == whole("best", blank="omit", total="recorded")


def test_rows_without_a_quiz_are_of_one(spark):
    rows = COURSE.filter(pa.compute.equal(COURSE["quiz_id"], "quiz b"))
    rows = rows.drop_columns("quiz_id")
    made = tally(spark.createDataFrame(rows), quiz_id="b")
    alone = qa.Responses.from_arrow(rows, quiz_id="b").attempts("last")
    assert bytes_of(made) == bytes_of(qa.Tally.of(alone))


def test_no_rows_are_the_tally_of_nothing(frame):
    assert tally(frame.where("quiz_id = 'none'"), blank="omit") == qa.Tally.empty(
        "omit"
    )


def killing(marker):
    """Let rows through, but kill the executor that comes first."""

    def through(batches):
        try:
            Path(marker).touch(exist_ok=False)
        except FileExistsError:
            yield from batches
            return
        yield next(batches)
        daemon = Path(f"/proc/{os.getppid()}/stat").read_text(encoding="ascii")
        os.kill(int(daemon.rsplit(")", 1)[1].split()[1]), signal.SIGKILL)
        yield from batches

    return through


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_an_executor_that_is_killed_half_way_changes_nothing(frame, tmp_path):
    marker = tmp_path / "died"
    dying = frame.mapInArrow(killing(str(marker)), frame.schema)
    assert bytes_of(tally(dying)) == whole()
    assert marker.exists()


def test_what_is_wrong_with_the_data_is_told(spark):
    from pyspark.errors import PythonException  # noqa: PLC0415

    rows = pa.table({"student_id": ["ann", ""], "item_id": ["q"] * 2, "score": [1, 0]})
    with pytest.raises(PythonException, match="an id that is empty"):
        tally(spark.createDataFrame(rows))


def test_without_spark_the_extra_is_named():
    code = (
        "import sys; sys.modules['pyspark'] = None\n"
        "from quizanalysis.adapters.spark import tally\n"
        "tally(None)"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert 'ImportError: Spark is an extra: pip install "quizanalysis[spark]"' in (
        made.stderr
    )
