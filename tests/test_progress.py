"""Progress: ten fields, four states, a completion that never falls."""

import dataclasses
import datetime as dt
import json
import os
from contextlib import suppress
from itertools import count, pairwise
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quizanalysis as qa
from quizanalysis import progress as progress_module
from quizanalysis.progress import QUIET, metered, throttled

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
MORE = {"tag", "message"}


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
        "tag": None,
        "message": None,
    }


def test_it_has_exactly_the_ten_fields_and_the_two_that_clients_read():
    assert {f.name for f in dataclasses.fields(qa.Progress)} == FIELDS | MORE
    assert queued().to_dict().keys() == FIELDS | MORE
    assert list(queued().to_dict())[-2:] == ["tag", "message"]


def test_it_never_changes():
    with pytest.raises(dataclasses.FrozenInstanceError):
        queued().completion = 5.0


def test_times_of_other_zones_are_told_in_utc():
    east = dt.timezone(dt.timedelta(hours=2))
    there = queued(created_at=NOON.astimezone(east)).to_dict()
    assert there["created_at"] == "2026-11-23T12:00:00Z"


def test_the_results_are_a_plain_mapping():
    done = queued().moved("running", at=NOON)
    done = done.moved("completed", at=LATER, results={"url": "file:///x.csv"})
    assert done.to_dict()["results"] == {"url": "file:///x.csv"}


@pytest.mark.parametrize(
    "fields",
    [
        {"workflow_state": "canceled"},
        {"completion": -1.0},
        {"completion": 100.5},
        {"completion": float("nan")},
        {"completion": 100.0},
        {"workflow_state": "completed", "completion": 99.0},
        {"results": {"url": "x"}},
        {"created_at": dt.datetime(2026, 11, 23)},  # noqa: DTZ001  what is refused
    ],
)
def test_what_contradicts_itself_is_refused(fields):
    with pytest.raises(ValueError, match=r"\w"):
        queued(**fields)


# ---- there and back -------------------------------------------------------------


@given(
    st.sampled_from(["queued", "running", "completed", "failed"]),
    st.floats(0, 99),
    st.datetimes(timezones=st.timezones()),
    st.none() | st.text(max_size=5),
)
def test_what_is_sent_comes_back(word, completion, at, text):
    completed = word == "completed"
    progress = queued(
        workflow_state=word,
        completion=100.0 if completed else completion,
        results={"url": "x"} if completed else None,
        created_at=at.astimezone(dt.UTC),
        user_id=text,
        url=text,
        tag=text,
        message=text,
    )
    sent = json.loads(json.dumps(progress.to_dict()))
    assert qa.Progress.from_dict(sent) == progress
    assert qa.Progress.from_dict({"progress": sent}) == progress
    assert qa.Progress.from_dict(sent | {"something": 1}) == progress


def test_numbers_as_ids_become_text_and_what_is_optional_may_be_absent():
    sent = {
        "id": 9,
        "context_id": 12,
        "user_id": 3,
        "completion": None,
        "created_at": "2026-11-23T12:00:00Z",
        "updated_at": "2026-11-23T12:00:00Z",
    }
    assert qa.Progress.from_dict(sent) == queued(id="9", context_id="12", user_id="3")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"progress": None},
        {"id": "1"},
        queued().to_dict() | {"created_at": None},
        queued().to_dict() | {"created_at": "yesterday"},
        queued().to_dict() | {"completion": "much"},
        queued().to_dict() | {"workflow_state": "canceled"},
        queued().to_dict() | {"workflow_state": ["queued"]},
        queued().to_dict() | {"id": None},
        queued().to_dict() | {"context_id": [1]},
    ],
)
def test_what_is_no_progress_is_refused(sent):
    with pytest.raises(ValueError, match=r"\w"):
        qa.Progress.from_dict(sent)


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


def test_a_message_is_kept_until_there_is_another():
    failed = queued(message="waits").moved("failed", at=LATER)
    assert failed.message == "waits"
    assert queued().moved("failed", at=LATER, message="gone").message == "gone"


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


def calls(total, steps, times=None):
    """What reaches the callback when these amounts are reported, at these times."""
    seen = []
    report = throttled(lambda done, of: seen.append((done, of)), total)
    clock = iter(times) if times else count()
    with patch.object(progress_module, "monotonic", lambda: next(clock)):
        for done in steps:
            report(done)
    return seen


@pytest.mark.parametrize("total", [1, 2, 99, 100, 101, 1_000])
def test_all_is_passed_on_that_comes_late_enough(total):
    assert calls(total, range(total + 1)) == [(at, total) for at in range(total + 1)]


def test_at_most_ten_calls_a_second_are_passed_on_and_the_last():
    seen = calls(64, range(65), [at / 64 for at in range(65)])
    assert [done for done, _ in seen] == [0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 64]


def test_a_call_after_a_silence_is_passed_on_at_once():
    assert calls(9, [0, 1, 2, 3, 4], [0, 0.05, 7.0, 7.05, 7.11]) == [
        (0, 9),
        (2, 9),
        (4, 9),
    ]


def test_nothing_to_do_is_told_once():
    assert calls(0, [0, 0]) == [(0, 0)]


def test_the_last_is_told_once_and_whatever_the_time():
    assert calls(1_000, [0, 999, 1_000, 1_000], [0.0, 0.01, 0.02, 0.03]) == [
        (0, 1_000),
        (1_000, 1_000),
    ]


@given(
    st.integers(0, 5_000),
    st.lists(st.integers(0, 5_000), max_size=200),
    st.lists(st.floats(0, 10), min_size=202, max_size=202),
)
def test_what_is_told_never_falls(total, amounts, times):
    steps = [0, *(min(a, total) for a in amounts), total]
    seen = [done for done, _ in calls(total, steps, sorted(times))]
    assert (seen[0], seen[-1]) == (0, total)
    assert all(a < b for a, b in pairwise(seen))


# ---- the meter ------------------------------------------------------------------


def metered_calls(total, work):
    """What reaches the callback of some work that has a meter, call by call."""
    seen = []
    clock = count()
    with (
        patch.object(progress_module, "monotonic", lambda: next(clock)),
        metered(lambda done, of: seen.append((done, of)), total) as meter,
    ):
        work(meter)
    return [done for done, of in seen if of == total]


def test_a_meter_counts_what_has_been_done_of_the_whole():
    def work(meter):
        meter.within(0.0, 0.5).at(1, 4)
        half = meter.within(0.5, 1.0)
        half.at(0.5)
        for part in half.within(0.5, 1.0).split([1, 3]):
            part.at(1.0)

    assert metered_calls(1_000, work) == [0, 125, 750, 812, 999, 1_000]


def test_only_the_end_is_the_total_and_only_of_work_that_went_well():
    def work(meter):
        meter.at(1.0)
        raise StopError

    with pytest.raises(StopError):
        metered_calls(3, work)
    seen = []
    with suppress(StopError), metered(lambda done, _: seen.append(done), 3) as meter:
        work(meter)
    assert 3 not in seen


@pytest.mark.parametrize("sizes", [[], [0], [0, 0], [0, 5, 0]])
def test_pieces_may_be_empty(sizes):
    def work(meter):
        parts = list(meter.split(sizes))
        assert len(parts) == len(sizes)
        for part in parts:
            part.at(0, 0)
            part.at(1.0)

    seen = metered_calls(10, work)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 10)


def test_no_callback_costs_nothing_and_hears_nothing():
    with metered(None, 10) as meter:
        assert meter is QUIET
        meter.within(0.1, 0.2).at(0.5)


# ---- what is left when nobody wants the report ----------------------------------


class StopError(Exception):
    """What a callback raises that wants no more."""


def reported(path, wanted, error=StopError):
    """Make a report for somebody who raises when it has the state named."""
    seen = []

    def listen(progress):
        seen.append((progress.workflow_state, path.exists() and path.read_bytes()))
        if progress.workflow_state == wanted:
            raise error

    responses = qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]])
    options = {"report_type": "item_analysis", "format": "json", "path": path}
    if wanted:
        with pytest.raises(error):
            qa.create_report(responses, on_progress=listen, **options)
    else:
        qa.create_report(responses, on_progress=listen, **options)
    return seen


@pytest.mark.parametrize("error", [StopError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("old", [None, b"old"])
def test_whoever_raises_at_completed_finds_what_was_there_before(tmp_path, old, error):
    path = tmp_path / "x.json"
    if old:
        path.write_bytes(old)
        path.chmod(0o604)
    seen = reported(path, "completed", error)
    assert [state for state, _ in seen][-2:] == ["running", "completed"]
    assert seen[-2][1] == (old or False)
    assert json.loads(seen[-1][1])["table"] == "item_analysis"
    assert list(tmp_path.iterdir()) == ([path] if old else [])
    if old:
        assert path.read_bytes() == old
        assert path.stat().st_mode & 0o777 == (0o604 if os.name == "posix" else 0o666)


def test_nothing_but_the_report_is_left_when_it_is_wanted(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b"old")
    seen = reported(path, None)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == seen[-1][1] != b"old"


def test_the_old_file_comes_back_where_files_have_one_name_only(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "x.json"
    path.write_bytes(b"old")
    reported(path, "completed")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="symbolic links and devices of POSIX")
def test_what_a_link_points_to_comes_back(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to("real")
    reported(link, "completed")
    assert link.is_symlink()
    assert real.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [link, real]
    assert reported(Path(os.devnull), None)[-1][0] == "completed"


def test_whoever_raises_at_the_last_call_gets_no_analysis(monkeypatch):
    monkeypatch.setattr(progress_module, "monotonic", lambda: 0.0)
    seen = []

    def listen(done, total):
        seen.append((done, total))
        if done == total:
            raise StopError

    with pytest.raises(StopError):
        qa.analyze(qa.Responses.from_matrix([[1, 0], [1, 1]]), progress=listen)
    assert seen == [(0, 2), (2, 2)]


@pytest.mark.parametrize("wrong", ["x", None, {}, pa.table({"a": [1]})], ids=str)
def test_what_is_not_responses_is_a_type_error_and_makes_no_file(tmp_path, wrong):
    seen = []
    with pytest.raises(TypeError, match="Responses are needed, not "):
        qa.create_report(
            wrong,
            report_type="item_analysis",
            format="csv",
            path=tmp_path / "x.csv",
            on_progress=seen.append,
        )
    assert (seen, list(tmp_path.iterdir())) == ([], [])
