"""Progress: ten fields, four states, a completion that never falls."""

import dataclasses
import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import quizanalysis as qa
from quizanalysis.progress import throttled

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(seconds=90)

FIELDS = {
    "id",
    "context_id",
    "context_type",
    "user_id",
    "completion",
    "workflow_state",
    "created_at",
    "updated_at",
    "results",
    "url",
}


def queued(**fields):
    """A progress at its beginning."""
    given_fields = {
        "id": "1",
        "context_id": "quiz",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return qa.Progress(**(given_fields | fields))


# ---- the record -----------------------------------------------------------------


def test_a_new_progress_is_queued_at_zero():
    assert queued().to_dict() == {
        "id": "1",
        "context_id": "quiz",
        "context_type": "Assignment",
        "user_id": None,
        "completion": 0.0,
        "workflow_state": "queued",
        "created_at": "2026-11-23T12:00:00Z",
        "updated_at": "2026-11-23T12:00:00Z",
        "results": None,
        "url": None,
    }


def test_it_has_exactly_the_ten_fields():
    assert {field.name for field in dataclasses.fields(qa.Progress)} == FIELDS
    assert queued().to_dict().keys() == FIELDS


def test_it_never_changes():
    with pytest.raises(dataclasses.FrozenInstanceError):
        queued().completion = 5.0


def test_times_of_other_zones_keep_their_offset():
    east = dt.timezone(dt.timedelta(hours=2))
    there = queued(created_at=NOON.astimezone(east)).to_dict()
    assert there["created_at"] == "2026-11-23T14:00:00+02:00"


def test_the_results_are_a_plain_mapping():
    done = queued().moved("running", at=NOON)
    done = done.moved("completed", at=LATER, results={"url": "file:///x.csv"})
    assert done.to_dict()["results"] == {"url": "file:///x.csv"}


# ---- its steps ------------------------------------------------------------------


def test_it_runs_and_is_completed_at_a_hundred():
    running = queued().moved("running", at=LATER, completion=40.0)
    done = running.moved("completed", at=LATER, results={"url": "x"})
    assert (running.workflow_state, running.completion) == ("running", 40.0)
    assert (running.created_at, running.updated_at) == (NOON, LATER)
    assert (done.workflow_state, done.completion) == ("completed", 100.0)
    assert done.results == {"url": "x"}


def test_it_can_fail_before_and_while_it_runs_and_keeps_its_completion():
    assert queued().moved("failed", at=LATER).completion == 0.0
    running = queued().moved("running", at=NOON, completion=40.0)
    failed = running.moved("failed", at=LATER, results={"url": "x"})
    assert (failed.workflow_state, failed.completion, failed.results) == (
        "failed",
        40.0,
        None,
    )


def test_a_smaller_completion_is_ignored():
    running = queued().moved("running", at=NOON, completion=40.0)
    assert running.moved("running", at=LATER, completion=10.0).completion == 40.0
    assert running.moved("running", at=LATER).completion == 40.0


@pytest.mark.parametrize("percent", [99.5, 100.0, 1000.0])
def test_short_of_completion_it_stays_below_a_hundred(percent):
    assert queued().moved("running", at=NOON, completion=percent).completion == 99.0


def state(word):
    """A progress in the state named."""
    running = queued().moved("running", at=NOON)
    return {
        "queued": queued(),
        "running": running,
        "completed": running.moved("completed", at=NOON),
        "failed": running.moved("failed", at=NOON),
    }[word]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("queued", "queued"),
        ("queued", "completed"),
        ("running", "queued"),
        ("completed", "queued"),
        ("completed", "running"),
        ("completed", "completed"),
        ("completed", "failed"),
        ("failed", "queued"),
        ("failed", "running"),
        ("failed", "completed"),
        ("failed", "failed"),
    ],
)
def test_a_step_that_cannot_be_is_refused(before, after):
    with pytest.raises(ValueError, match=f"a {before} report cannot become {after}"):
        state(before).moved(after, at=LATER)


@given(st.lists(st.floats(-10, 200), max_size=20))
def test_completion_never_falls_whatever_is_reported(percents):
    progress = queued()
    seen = [0.0]
    for percent in percents:
        progress = progress.moved("running", at=NOON, completion=percent)
        seen.append(progress.completion)
    assert seen == sorted(seen)
    assert max(seen) <= 99.0


# ---- the throttle ---------------------------------------------------------------


def calls(total, steps, **options):
    """What reaches the callback when these amounts are reported."""
    seen = []
    report = throttled(lambda done, of: seen.append((done, of)), total, **options)
    for done in steps:
        report(done)
    return seen


@pytest.mark.parametrize("total", [1, 2, 99, 100, 101, 1_000, 60_000, 123_457])
def test_first_is_zero_last_is_the_total_and_about_a_hundred_in_all(total):
    seen = calls(total, range(total + 1))
    assert seen[0] == (0, total)
    assert seen[-1] == (total, total)
    assert seen == sorted(set(seen))
    assert len(seen) <= 102
    assert {of for _, of in seen} == {total}


def test_nothing_to_do_is_told_once():
    assert calls(0, [0, 0]) == [(0, 0)]


def test_the_last_is_told_once_and_whatever_the_step():
    assert calls(1_000, [0, 999, 1_000, 1_000]) == [
        (0, 1_000),
        (999, 1_000),
        (1_000, 1_000),
    ]
    assert calls(1_000, [0, 1, 2, 3]) == [(0, 1_000)]


@given(
    st.integers(0, 5_000),
    st.lists(st.integers(0, 5_000), max_size=200),
    st.integers(1, 100),
)
def test_what_is_told_never_falls(total, amounts, most):
    steps = [0, *sorted(min(a, total) for a in amounts), total]
    seen = [done for done, _ in calls(total, steps, calls=most)]
    assert (seen[0], seen[-1]) == (0, total)
    assert all(a < b for a, b in pairwise(seen))
    assert len(seen) <= most + 2


def test_no_callback_costs_nothing_and_hears_nothing():
    assert throttled(None, 10)(5) is None
