"""Values of any type: `Responses` or `DataError`, and no warning."""

import datetime as dt
import io
import subprocess
import sys
import unicodedata
import uuid
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_types import LISTS, ODD, masked

import quizanalysis as qa
from quizanalysis.schema import INPUTS

from_matrix, from_answers = qa.Responses.from_matrix, qa.Responses.from_answers
from_arrow = qa.Responses.from_arrow


def made(make, *args, **kwargs):
    """Responses, or None where they are refused in words; never a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            responses = make(*args, **kwargs)
        except qa.DataError as error:
            check_message(error)
            return None
        assert isinstance(responses, qa.Responses)
        assert responses.to_arrow().num_rows >= 0
        return responses


def check_message(error):
    lines = str(error).split("\n")
    assert all(0 < len(line) <= 500 for line in lines)
    steering = {"Cc", "Cs"}
    assert not any(unicodedata.category(c) in steering for c in "".join(lines))


# ---- columns of tables --------------------------------------------------------------

ROWS = {
    "responses": {
        "student_id": ["s1", "s2", "s3"],
        "item_id": ["q1"] * 3,
        "score": [1.0, 0.0, 1.0],
    },
    "items": {"item_id": ["q1", "q2", "q3"]},
    "students": {"student_id": ["s1", "s2", "s3"]},
}


def with_column(table, column, array):
    """Tables of which one column of one is this array."""
    kept = {"responses": ROWS["responses"], table: {**ROWS[table], column: array}}
    return {name: pa.table(columns) for name, columns in kept.items()}


COLUMNS = [(table, column.name) for table in INPUTS for column in INPUTS[table]]


@pytest.mark.parametrize("name", ODD)
def test_some_columns_of_any_type_are_taken_or_refused(name):
    first = [*ODD].index(name)
    for at in range(first, first + 20, 5):
        table, column = COLUMNS[at % len(COLUMNS)]
        made(from_arrow, **with_column(table, column, ODD[name]))
    read_files_with(INPUTS["responses"][first % len(INPUTS["responses"])].name, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_each_column_of_any_type_is_taken_or_refused(name):
    for table, column in COLUMNS:
        made(from_arrow, **with_column(table, column, ODD[name]))
        if table == "responses":
            read_files_with(column, name)


def read_files_with(column, name):
    """Read files of which one column is of this type."""
    table = with_column("responses", column, ODD[name])["responses"]
    for write in (write_ipc, write_parquet):
        data = write(table)
        if data is not None:
            made(qa.read, data)


def write_ipc(table):
    file = io.BytesIO()
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return io.BytesIO(file.getvalue())


def write_parquet(table):
    """The file, if Parquet can hold such a table."""
    file = io.BytesIO()
    try:
        pq.write_table(table, file)
    except (pa.ArrowException, OverflowError):
        return None
    return io.BytesIO(file.getvalue())


@pytest.mark.parametrize("listed", LISTS)
@pytest.mark.parametrize("kind", [pa.string(), pa.string_view(), pa.large_string()])
def test_a_null_list_that_covers_values_is_a_blank(listed, kind):
    array = masked(listed(kind))
    whole = from_arrow(**with_column("responses", "response", array))
    said = whole.to_arrow()
    assert said["response"].to_pylist() == [["a", "b"], ["c", "d"], None]
    assert said["status"].to_pylist() == ["graded", "graded", "not_attempted"]
    options = whole.options["option"].to_pylist()
    assert sorted(options) == ["a", "b", "c", "d"]
    sections = from_arrow(**with_column("students", "section_names", array)).students
    assert sections["section_names"].to_pylist() == [["a", "b"], ["c", "d"], None]


@pytest.mark.parametrize("listed", LISTS)
def test_a_slice_of_lists_has_its_own_values(listed):
    array = pa.concat_arrays([masked(listed(pa.string()))] * 2).slice(2, 3)
    said = from_arrow(**with_column("responses", "response", array)).to_arrow()
    assert said["response"].to_pylist() == [None, ["a", "b"], ["c", "d"]]


def test_declared_options_under_a_null_are_none():
    kind = pa.struct([("id", pa.string())])
    values = pa.array([{"id": name} for name in "abcdef"], kind)
    mask = pa.array([False, True, False])
    lists = pa.FixedSizeListArray.from_arrays(values, 2, mask=mask)
    options = from_arrow(**with_column("items", "options", lists)).options
    assert options["item_id"].to_pylist() == ["q1", "q1", "q3", "q3"]
    assert options["option"].to_pylist() == ["a", "b", "e", "f"]


def test_a_list_view_that_points_nowhere_is_refused():
    at, size = pa.array([0, 1000, 0], pa.int32()), pa.array([1, 1, 1], pa.int32())
    views = pa.ListViewArray.from_arrays(at, size, pa.array(["a"]))
    assert made(from_arrow, **with_column("responses", "response", views)) is None


def test_a_value_that_python_cannot_hold_is_shown_by_its_type():
    beyond = pa.array([2**62, -(2**62), 0], pa.timestamp("ms"))
    with pytest.raises(qa.DataError) as caught:
        from_arrow(**with_column("responses", "title", beyond), quiz_id="")
    assert caught.value.problems


def test_the_name_of_a_column_need_not_be_text():
    plain = write_ipc(pa.table({**ROWS["responses"], "nonesuch": [1, 2, 3]})).read()
    table = pa.ipc.open_file(io.BytesIO(plain.replace(b"nonesuch", b"none\xffuch")))
    assert made(from_arrow, table.read_all()) is None


# ---- matrices and answers -----------------------------------------------------------


class _Odd:
    """No number and no text: whatever is asked of it fails."""

    def __float__(self):
        raise ArithmeticError

    def __str__(self):
        raise RecursionError

    __repr__ = __str__


_TIME = dt.datetime(2026, 1, 2)  # noqa: DTZ001  a time without a zone is the odd one
NUMBERS = (0, 1, 2, 1.0, 0.5, np.int64(1), np.float32(1), np.bool_(True), True, None)
VALUES = (
    *(10**400, 10**5000, -(2**70), 2**64 - 1, 1e308, -1e308, 1e-320),
    *(float("inf"), float("nan"), np.float16(1), np.longdouble("1e4000"), 1j),
    *(complex("nan"), np.complex128(1), np.uint64(2**64 - 1), np.int8(-1)),
    *(Fraction(10**400, 3), Fraction(1, 3), Fraction(10**5000, 3)),
    *map(Decimal, ("sNaN", "NaN", "1E+999999", "-Infinity", "0.5")),
    *(pd.NaT, pd.NA, _TIME, _TIME.date(), _TIME - _TIME, pd.Timestamp(_TIME)),
    *(np.datetime64("2020-01-01"), np.datetime64("NaT"), np.datetime64(1, "ns")),
    *(np.timedelta64(5, "s"), np.void(b"ab"), np.str_("a"), np.bytes_(b"a")),
    *("", " ", "a", "A", "1", "1e999", "\ud800", "a\x1b[2J\u202eb", "\0", "x" * 600),
    *(b"a", b"\xff", (1, 2), frozenset({1}), [1], {"a": 1}, {1}, slice(1), _Odd()),
    *(np.array([1, 2]), np.array(1), uuid.UUID(int=1), pd.Interval(0, 1), ..., int),
)
ODD_NUMBERS = [
    10**400,
    Fraction(10**400, 3),
    Decimal("sNaN"),
    1j,
    np.complex128(1),
    _TIME,
    np.datetime64("2020-01-01"),
    np.timedelta64(5, "s"),
    "\ud800",
    _Odd(),
]


@pytest.mark.parametrize("odd", ODD_NUMBERS, ids=lambda odd: type(odd).__name__)
def test_what_no_double_holds_is_no_score_and_no_points(odd):
    cells = np.empty((2, 2), object)
    cells[:] = [[1, 0], [0, 1]]
    assert made(from_matrix, cells, [1, 1]) is not None
    cells[1, 1] = odd
    assert made(from_matrix, cells) is None
    assert made(from_matrix, cells.tolist()) is None
    assert made(from_matrix, [[1, 0], [0, 1]], [odd, 1]) is None
    assert made(from_answers, [[1, 0], [0, 1]], [1, 1], [odd, 1]) is None


@pytest.mark.parametrize(
    "odd",
    [
        10**5000,
        Fraction(10**5000, 3),
        Decimal("sNaN"),
        1j,
        "\ud800",
        b"a",
        (1,),
        _Odd(),
    ],
    ids=lambda odd: type(odd).__name__,
)
def test_what_has_no_text_is_no_answer_and_no_key(odd):
    cells = np.empty((1, 2), object)
    cells[0] = [odd, "a"]
    assert made(from_answers, cells, ["a", "a"]) is None
    if odd != (1,):  # several right ones
        assert made(from_answers, [["a", "a"]], ["a", odd]) is None


def test_numbers_of_too_many_digits_are_named_without_advice_on_python():
    with pytest.raises(qa.DataError) as caught:
        from_answers([[10**5000, 1]], [1, 1])
    assert "too many digits" in str(caught.value)
    assert "set_int_max_str_digits" not in str(caught.value)


@pytest.mark.parametrize("points", [[float("inf"), 1], [float("inf"), float("-inf")]])
def test_infinite_points_are_refused_without_a_warning(points):
    assert made(from_answers, [[2, 1]], [1, 1], points) is None
    assert made(from_matrix, [[2, 1]], points) is None


@pytest.mark.parametrize(
    "ids",
    [
        [1, 10**30],
        ["a", 1],
        ["a", 2**70],
        [pd.NaT, "a"],
        [1, "\ud800"],
        ["a", float("nan")],
        [1j, 2],
        5,
        np.array("ab"),
        [["a", "b"]],
        "ab",
    ],
    ids=repr,
)
def test_odd_ids_are_refused(ids):
    assert made(from_matrix, [[1, 1]], item_ids=ids) is None
    assert made(from_answers, [[1, 1]], [1, 1], item_ids=ids) is None
    assert made(from_matrix, [[1], [1]], student_ids=ids) is None


def test_ids_of_numpy_are_those_of_python():
    ids = np.array([np.int64(7), np.int32(8)], object)
    found = from_matrix([[1, 0]], item_ids=ids).items["item_id"]
    assert found.to_pylist() == ["7", "8"]


@pytest.mark.parametrize("second", ["int64", "int8", "float16", "float32", "bool_"])
@pytest.mark.parametrize(
    "first", ["np.datetime64('NaT')", "np.datetime64('2020-01-01')"]
)
def test_a_time_beside_a_number_ends_no_process(first, second):
    code = f"""
import numpy as np, quizanalysis as qa
for make in (
    lambda odd: qa.Responses.from_answers([[one] for one in odd], [1]),
    lambda odd: qa.Responses.from_matrix([[1, 0]], item_ids=odd),
    lambda odd: qa.Responses.from_matrix([[1], [0]], student_ids=odd),
    lambda odd: qa.Responses.from_answers([[1, 0]], odd),
    lambda odd: qa.Responses.from_matrix([[one] for one in odd]),
):
    try:
        make([{first}, np.{second}(1)])
    except qa.DataError:
        pass
"""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()[-500:]


def test_numbers_of_any_kind_are_written_as_one_answer():
    cells = np.empty((6, 1), object)
    cells[:, 0] = [1, 1.0, np.float32(1), np.int8(1), Decimal(1), np.longdouble(1)]
    found = from_answers(cells, [1]).to_arrow()
    assert found["response"].to_pylist() == ["1"] * 6
    assert found["score"].to_pylist() == [1.0] * 6


# ---- arrays and frames --------------------------------------------------------------

_FEW = np.array([[1, 0], [0, 1], [1, 1]])
ARRAYS = {
    "0-d": np.array(1),
    "1-d": np.array([1, 2]),
    "3-d": np.ones((2, 2, 2)),
    "no items": np.ones((2, 0)),
    "no rows": np.ones((0, 2)),
    "negative strides": _FEW[::-1, ::-1],
    "column-major": np.asfortranarray(_FEW),
    "broadcast": np.broadcast_to(np.array([1.0, 0.5]), (4, 2)),
    "big-endian": _FEW.astype(">f8"),
    "long doubles": np.array([[np.longdouble("1e4000"), 1]]),
    "halves": _FEW.astype(np.float16),
    "complex": _FEW.astype(complex),
    "big uints": np.array([[2**64 - 1, 0], [1, 1]], np.uint64),
    "huge": np.full((12, 5), 1e308) * np.linspace(-1, 1, 5),
    "infinite": np.array([[np.inf, -np.inf], [1, 0]]),
    "times": np.array([["2020-01-01", "NaT"]], "M8[ns]"),
    "spans": np.array([[1, 2]], "m8[s]"),
    "void": np.zeros((2, 2), "V4"),
    "records": np.zeros((2, 2), [("a", "i4"), ("b", "f8")]),
    "record": np.zeros(3, [("a", "i4")]),
    "bytes": np.array([[b"a", b"b"]]),
    "texts": np.array([["a", "\ud800"]]),
    "masked": np.ma.masked_array(_FEW, _FEW == 0),
    "masked times": np.ma.masked_array(np.array([["2020-01-01"]], "M8[s]"), [[False]]),
    "memory view": memoryview(np.ascontiguousarray(_FEW)),
    "ragged": [[1, 2], [1]],
    "nothing": None,
    "number": 5,
    "text": "abc",
    "dict": {"a": 1},
    "set": {1, 2},
    "function": len,
    "generator": (row for row in [[1, 2]]),
    "odd": _Odd(),
}


def _frames():
    times = pd.to_datetime(["2020-01-01", None])
    columns = {
        "categories": pd.Categorical(["a", None]),
        "categories of numbers": pd.Categorical([1, 0]),
        "nullable": pd.array([1, None], "Int64"),
        "nullable floats": pd.array([1.5, None], "Float32"),
        "nullable flags": pd.array([True, None], "boolean"),
        "texts": pd.array(["a", None], "string"),
        "periods": pd.PeriodIndex(["2020-01", None], freq="M"),
        "intervals": pd.interval_range(0, 2),
        "sparse": pd.arrays.SparseArray([1.0, np.nan]),
        "times": times,
        "zoned": times.tz_localize("Europe/Rome"),
        "spans": times - times[0],
        "complex": np.array([1j, 1]),
        "arrow": pd.array([1, None], pd.ArrowDtype(pa.int64())),
        "lists": pd.Series([[1], None]),
    }
    for name, column in columns.items():
        yield f"frame of {name}", pd.DataFrame({"q1": column, "q2": [1, 0]})
        yield f"frame by {name}", pd.DataFrame({"q1": [1, 0]}, index=pd.Index(column))
    labels = [10**5000, "\ud800", (1, 2), pd.NaT, None, 1.5, _TIME]
    for at, label in enumerate(labels):
        names = pd.Index([label, "q2"], dtype=object)
        yield f"frame with label {at}", pd.DataFrame([[1, 0], [0, 1]], columns=names)


ARRAYS |= dict(_frames())


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_or_frame_of_any_kind_is_taken_or_refused(name):
    made(from_matrix, ARRAYS[name])
    made(from_answers, ARRAYS[name], [1, 0])
    made(from_answers, [[1, 0]], ARRAYS[name])
    made(from_matrix, [[1, 0]], ARRAYS[name])
    made(from_matrix, [[1, 0]], item_ids=ARRAYS[name])
    made(from_matrix, [[1, 0], [0, 1]], student_ids=ARRAYS[name])


def test_a_polars_frame_is_taken():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"q1": [1, 0], "q2": [None, 1]})
    assert len(made(from_matrix, frame)) == 2
    lists = pl.Series([["a", "b"], None, ["c", "d"]], dtype=pl.Array(pl.String, 2))
    table = pl.DataFrame({**ROWS["responses"], "response": lists})
    found = made(from_arrow, table).to_arrow()["response"].to_pylist()
    assert found == [["a", "b"], None, ["c", "d"]]


def test_scipys_sparse_arrays_are_refused():
    from scipy import sparse  # noqa: PLC0415

    for cells in (sparse.csr_array(_FEW), sparse.coo_matrix(_FEW)):
        assert made(from_matrix, cells) is None
        assert made(from_answers, cells, [1, 0]) is None


# By number: Hypothesis writes what it draws from, and some of these cannot be written.
cells_of = st.sampled_from(NUMBERS) | st.integers(0, len(VALUES) - 1).map(
    lambda at: VALUES[at]
)


@st.composite
def tables(draw, cells=cells_of, most=6):
    """A table of cells, as lists, an array of objects or a frame; and its width."""
    k = draw(st.integers(1, 4))
    row = st.lists(cells, min_size=k, max_size=k)
    rows = draw(st.lists(row, min_size=1, max_size=most))
    if draw(st.booleans()):
        return rows, k
    array = np.empty((len(rows), k), object)
    for at, one in enumerate(rows):
        for place, cell in enumerate(one):
            array[at, place] = cell
    frame = pd.DataFrame(array, dtype=object)
    return (frame if draw(st.booleans()) else array), k


@given(tables(), st.data())
def test_scores_of_any_values_are_taken_or_refused(table, data):
    scores, k = table
    some = st.none() | st.lists(cells_of, min_size=k, max_size=k)
    made(from_matrix, scores, data.draw(some), data.draw(some))


@given(tables(), st.data())
def test_answers_of_any_values_are_taken_or_refused(table, data):
    answers, k = table
    some = st.lists(cells_of, min_size=k, max_size=k)
    key, ids = data.draw(some), data.draw(st.none() | some)
    made(from_answers, answers, key, data.draw(st.none() | some), ids)


@given(st.lists(st.sampled_from(sorted(ODD)), min_size=1, max_size=6), st.data())
def test_tables_of_any_columns_are_taken_or_refused(names, data):
    columns = [column.name for column in INPUTS["responses"]]
    some = dict(ROWS["responses"])
    for name in names:
        some[data.draw(st.sampled_from(columns))] = ODD[name]
    made(from_arrow, pa.table(some))


# ---- messages -----------------------------------------------------------------------


def deep(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_value_of_any_depth_is_shown_or_named():
    for depth in (10, *range(850, 1010), 5_000, 100_000):
        problem = qa.Problem(table="x", message="wrong", value=deep(depth))
        check_message(qa.DataError([problem]))


@pytest.mark.parametrize(
    "value", [_Odd(), 10**5000, [10**5000], Fraction(10**5000)], ids=type
)
def test_a_value_that_cannot_be_shown_is_its_type(value):
    problem = qa.Problem(table="x", message="wrong", value=value)
    assert str(problem) == f"x: wrong (found {type(value).__name__})"


_LONG = "a\x1b[31mb\x07\n\u202ec\u200f\u061c" * 1_000 + "x" * 10_000


def test_each_line_of_a_message_is_bounded_and_steers_nothing():
    parts = ("table", "column", "value", "message", "hint")
    problems = [
        qa.Problem(**dict.fromkeys(parts, _LONG + str(kind)), row=10**9 + row)
        for kind in range(2)
        for row in range(12)
    ] + [
        qa.Problem(table="t", message="m", column=f"{at}{_LONG}", row=at)
        for at in range(30)
    ]
    error = qa.DataError(problems)
    check_message(error)
    assert not {*"\u202e\u200f\u061c\x1b"} & {*str(error)}


def test_a_long_message_leaves_room_for_its_remedy():
    problem = qa.Problem(table="x", message="wrong " * 200, hint="mend it")
    assert str(problem).endswith("...; mend it")


def test_of_many_columns_the_first_are_named():
    table = pa.table({f"{'c' * 50}{at}": [1] for at in range(20_000)})
    with pytest.raises(qa.DataError) as caught:
        from_arrow(table)
    check_message(caught.value)
    assert "and 19,992 more" in str(caught.value)
    assert len(caught.value.problems[0].hint) < 500


def test_student_ids_by_label_need_labels_that_are_text():
    frame = pd.DataFrame({"q1": [1, 0], "q2": [0, 1]}, index=["a", "b"])
    with pytest.raises(qa.DataError, match="student_ids: not texts or whole numbers"):
        qa.Responses.from_matrix(frame, student_ids={"\ud800": "x", "b": "y"})
