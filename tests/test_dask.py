"""Dask: its executor counts batches, also when a worker is killed half-way."""

from functools import partial

import pytest
from spread_parts import bytes_of, course, die_once, part

import quizanalysis as qa

distributed = pytest.importorskip("distributed", reason="needs the extra dask")

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own are not ours to mend

BYTES = bytes_of(qa.Tally.of(qa.Responses.from_arrow(course())))
N = len(qa.Responses.from_arrow(course()))


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_two_worker_processes_count_the_same_bytes(client):
    batches = qa.Responses.from_arrow(course()).batches(17)
    tally = qa.Tally.of(batches, executor=client.get_executor())
    assert bytes_of(tally) == BYTES
    assert len(client.run(lambda: None)) == 2


def test_batches_are_made_by_the_workers(client):
    batches = [partial(part, at, at + 20) for at in range(0, N, 20)]
    tally = qa.Tally.of(batches, executor=client.get_executor(), in_flight=4)
    assert bytes_of(tally) == BYTES


def test_a_worker_that_is_killed_half_way_changes_nothing(client, tmp_path):
    marker = tmp_path / "died"
    batches = [partial(part, at, at + 20) for at in range(0, N, 20)]
    batches[3] = partial(die_once, marker, 60, 80)
    tally = qa.Tally.of(batches, executor=client.get_executor(), in_flight=4)
    assert marker.exists()
    assert bytes_of(tally) == BYTES


def test_what_a_worker_raises_is_raised_as_it_is(client):
    with pytest.raises(ZeroDivisionError):
        qa.Tally.of([lambda: 1 / 0], executor=client.get_executor())
