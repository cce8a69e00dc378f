"""Counting in batches, in threads and in processes: always the same bytes."""

import pickle
import random
import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spread_parts import bytes_of, course, die, fail, part
from strategies import tables, tidy

import quizanalysis as qa
from quizanalysis._counts import gathering

COURSE = qa.Responses.from_arrow(course())
BYTES = {
    total: bytes_of(qa.Tally.of(COURSE, total=total)) for total in ("items", "recorded")
}


def split(responses, chance):
    """Cut into batches at random, in a random order."""
    batches = list(responses.batches(chance.randint(1, len(responses))))
    chance.shuffle(batches)
    return batches


@pytest.fixture(scope="module")
def two_threads():
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def two_processes():
    # A fork would copy locks of Arrow's threads that nobody opens again.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


# ---- merging any number ---------------------------------------------------------


@given(
    st.lists(tidy(students=4, items=3), max_size=4), st.randoms(use_true_random=False)
)
def test_merging_is_adding_one_by_one(drawn, chance):
    tallies = [qa.Tally.of(qa.Responses.from_arrow(*tables(*one))) for one in drawn]
    mixed = [t.to_arrow() if chance.random() < 0.5 else t for t in tallies]
    chance.shuffle(mixed)
    try:
        expected = sum(tallies, qa.Tally.empty())
    except qa.MergeError:
        with pytest.raises(qa.MergeError):
            qa.Tally.merge(mixed)
        return
    assert bytes_of(qa.Tally.merge(mixed)) == bytes_of(expected)
    assert bytes_of(qa.Tally.merge(iter(mixed))) == bytes_of(expected)


@given(tidy(students=6), st.randoms(use_true_random=False))
def test_tables_below_one_another_in_any_order_are_added_up(drawn, chance):
    whole = qa.Responses.from_arrow(*tables(*drawn))
    parts = [qa.Tally.of(one).to_arrow() for one in split(whole, chance)]
    below = pa.concat_tables(parts or [qa.Tally.of(whole).to_arrow()])
    rows = list(range(below.num_rows))
    chance.shuffle(rows)
    tally = qa.Tally.from_arrow(below.take(pa.array(rows, pa.int64())))
    assert bytes_of(tally) == bytes_of(qa.Tally.of(whole))


def test_merging_nothing_is_the_empty_tally():
    assert qa.Tally.merge([]) == qa.Tally.empty()
    assert qa.Tally.merge([qa.Tally.empty("omit")] * 2) == qa.Tally.empty("omit")


def test_what_is_merged_must_be_of_one_kind():
    one, other = (qa.Tally.of(COURSE, blank=blank) for blank in ("zero", "omit"))
    with pytest.raises(qa.MergeError, match="counts blanks as zero, the other as omit"):
        qa.Tally.merge([one, qa.Tally.empty(), other])
    with pytest.raises(qa.MergeError, match="totals of one are of items"):
        qa.Tally.merge([one, qa.Tally.of(COURSE, total="recorded")])
    with pytest.raises(qa.MergeError, match="not a tally"):
        qa.Tally.merge([one, pa.table({"a": [1]})])
    for wrong in (one, one.to_arrow(), 7):
        with pytest.raises(TypeError, match="several tallies are needed"):
            qa.Tally.merge(wrong)
    with pytest.raises(TypeError, match="a tally or its table is needed, not int"):
        qa.Tally.merge([one, 7])


def test_keys_that_differ_are_found_in_tables_below_one_another():
    def keyed(answer):
        responses = qa.Responses.from_answers([["A"], ["B"]], key=[answer])
        return qa.Tally.of(responses).to_arrow()

    below = pa.concat_tables([keyed("A"), keyed("B")])
    with pytest.raises(qa.MergeError, match="has the key 'A' in one tally and 'B'"):
        qa.Tally.from_arrow(below)


def test_many_small_batches_are_merged_a_few_times_only(monkeypatch):
    merges = []
    merged = gathering.merged
    monkeypatch.setattr(gathering, "_FEW", 60)
    monkeypatch.setattr(
        gathering, "merged", lambda parts: merges.append(len(parts)) or merged(parts)
    )
    n = 128
    parts = (
        qa.Responses.from_matrix([[1, 0]], item_ids=[f"x{i}", f"y{i}"])
        for i in range(n)
    )
    tally = qa.Tally.of(parts)
    assert qa.item_analysis(tally).num_rows == 2 * n
    assert len(merges) < 16
    assert sum(merges) < 2 * n


# ---- elsewhere ------------------------------------------------------------------


@pytest.mark.parametrize("total", ["items", "recorded"])
@pytest.mark.parametrize("seed", range(25))
def test_threads_count_the_same_bytes_however_it_is_split(two_threads, total, seed):
    chance = random.Random(seed)  # noqa: S311
    tally = qa.Tally.of(
        split(COURSE, chance),
        total=total,
        executor=two_threads,
        in_flight=chance.randint(1, 5),
    )
    assert bytes_of(tally) == BYTES[total]


def test_two_processes_count_the_same_bytes_however_it_is_split(two_processes):
    for seed in range(50):
        chance = random.Random(seed)  # noqa: S311
        batches = split(COURSE, chance)[:40]
        expected = bytes_of(qa.Tally.of(batches))
        tally = qa.Tally.of(batches, executor=two_processes)
        assert bytes_of(tally) == expected
        if len(batches) < 40:
            assert expected == BYTES["items"]


def test_a_batch_may_be_made_where_it_is_counted(two_threads, two_processes):
    n = len(COURSE)
    batches = [partial(part, at, at + 50) for at in range(0, n, 50)]
    for executor in (None, two_threads, two_processes):
        tally = qa.Tally.of(iter(batches), executor=executor)
        assert bytes_of(tally) == BYTES["items"]


class Counting(ThreadPoolExecutor):
    """Threads that know how many batches they were given and have not finished."""

    most = 0

    def __init__(self):
        super().__init__(2)
        self.running = 0
        self.lock = threading.Lock()

    def submit(self, function, /, *arguments):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        future = super().submit(function, *arguments)
        future.add_done_callback(self.finished)
        return future

    def finished(self, _):
        with self.lock:
            self.running -= 1


def test_no_more_batches_than_said_are_held_at_a_time():
    with Counting() as pool:
        qa.Tally.of(COURSE.batches(5), executor=pool, in_flight=3)
    assert pool.most <= 3


class Never:
    """An executor that never begins, and lets everything be cancelled."""

    def __init__(self):
        self.futures = []

    def submit(self, *_):
        self.futures.append(Future())
        return self.futures[-1]


def broken_after(n):
    for batch in COURSE.batches(10):
        yield batch
        n -= 1
        if not n:
            raise KeyError("the file is gone")


def test_an_error_of_the_iterable_is_raised_as_it_is_and_the_rest_is_cancelled():
    for executor in (None, Never()):
        with pytest.raises(KeyError, match="the file is gone"):
            qa.Tally.of(broken_after(3), executor=executor)
    assert [future.cancelled() for future in executor.futures] == [True] * 3


def test_an_error_of_a_worker_is_raised_as_it_is(two_threads, two_processes):
    batches = [partial(part, 0, 5), fail, partial(part, 5, 9)]
    for executor in (None, two_threads, two_processes):
        with pytest.raises(ZeroDivisionError, match="no such part"):
            qa.Tally.of(batches, executor=executor)


def test_an_error_closes_a_generator_at_once(two_threads):
    for executor in (None, two_threads):
        closed = []

        def batches(closed=closed):
            try:
                yield fail
                yield from COURSE.batches(10)
            finally:
                closed.append(True)

        with pytest.raises(ZeroDivisionError) as caught:
            qa.Tally.of(batches(), executor=executor, in_flight=1)
        assert closed
        del caught


def test_a_process_that_dies_is_no_silent_loss():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        batches = [partial(part, 0, 9), die, partial(part, 9, 20)]
        with pytest.raises(BrokenProcessPool):
            qa.Tally.of(batches, executor=pool)


@pytest.mark.parametrize("executor", ["two_threads", None])
@pytest.mark.parametrize(
    "wrong", [1, None, "batch", lambda: 1, lambda: None], ids=range(5)
)
def test_what_is_no_batch_is_a_type_error(request, executor, wrong):
    pool = executor and request.getfixturevalue(executor)
    with pytest.raises(TypeError, match=r"must (be|make) Responses, not"):
        qa.Tally.of([wrong], executor=pool)


def test_one_batch_at_least_is_in_flight():
    with pytest.raises(ValueError, match="in_flight must be 1 or more, not 0"):
        qa.Tally.of([COURSE], in_flight=0)


# ---- crossing wires -------------------------------------------------------------


@given(tidy(students=6), st.randoms(use_true_random=False))
def test_responses_and_tallies_can_be_pickled(drawn, chance):
    whole = qa.Responses.from_arrow(*tables(*drawn))
    for batch in split(whole, chance)[:3]:
        back = pickle.loads(pickle.dumps(batch))  # noqa: S301
        assert back == batch
        assert back.left_out.equals(batch.left_out)
        assert back.digest == batch.digest
        assert not back.cells.score.flags.writeable
        tally = qa.Tally.of(batch)
        assert pickle.loads(pickle.dumps(tally)) == tally  # noqa: S301
        assert bytes_of(qa.Tally.of(back)) == bytes_of(tally)


def test_a_batch_is_pickled_without_what_it_was_cut_from():
    scores = np.arange(200_000).reshape(-1, 10) % 3
    matrix = qa.Responses.from_matrix(scores)
    whole = qa.Responses.from_arrow(matrix.to_arrow())
    batch = list(whole.batches(100))[7]
    # Who the students are stays whole.
    assert len(pickle.dumps(batch)) < len(pickle.dumps(whole)) / 10


def test_a_matrix_crosses_a_wire_as_a_matrix(two_processes):
    scores = (np.arange(200_000).reshape(-1, 10) * 7 % 3 == 1).astype(np.uint8)
    answers = np.arange(60_000).reshape(-1, 6) * 5 % 4
    for made in (
        qa.Responses.from_matrix(scores),
        qa.Responses.from_answers(answers, key=[0, 1, 2, 3, 0, 1]),
    ):
        sent = pickle.dumps(made)
        assert len(sent) < 2 * max(scores.nbytes, answers.nbytes)
        expected = bytes_of(qa.Tally.of(made))
        assert bytes_of(qa.Tally.of([made], executor=two_processes)) == expected
        assert bytes_of(qa.Tally.of(pickle.loads(sent))) == expected  # noqa: S301
        assert pickle.loads(sent) == made  # noqa: S301
