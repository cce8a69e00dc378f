"""The fuzzer finds what is planted, survives it, and counts every input once."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Thread

import pytest

import quizanalysis as qa

pytest.importorskip("benchmarks.fuzzing", reason="only in a clone")

import fuzz_targets

from benchmarks import fuzz
from benchmarks.fuzzing import counts as counting
from benchmarks.fuzzing import mutations
from benchmarks.fuzzing.counts import Counts, State
from benchmarks.fuzzing.depth import examine
from benchmarks.fuzzing.judging import Judge, Outcome, chance_of
from benchmarks.fuzzing.modes import MODES, parts_of
from benchmarks.fuzzing.running import run
from benchmarks.fuzzing.samples import WRITERS, samples

ROOT = Path(__file__).parents[1]
MUTATIONS = sorted(
    {*mutations.TEXT, *mutations.BINARY, mutations.bomb}, key=lambda one: one.__name__
)
FORMATS = (*WRITERS, "canvas-classic", "new-quizzes-csv", "new-quizzes-json")


def parts(mode, index, seed=0):
    return parts_of(MODES[mode].make(chance_of(mode, seed, index)).content)


def digests():
    """What the first inputs of each mode are; of objects, how long their pickles are.

    The unused bytes of a long double are pickled as they happen to be.
    """
    objects = ("from_matrix", "from_answers")
    made = {mode: [parts(mode, index) for index in range(30)] for mode in MODES}
    return {
        mode: [
            len(part) if mode in objects else hashlib.sha256(part).hexdigest()
            for input_ in inputs
            for part in input_
        ]
        for mode, inputs in made.items()
    }


@pytest.mark.parametrize("name", FORMATS)
def test_the_samples_are_read(name):
    for sample in samples(name):
        assert len(qa.read(io.BytesIO(sample))) >= 2


@pytest.mark.parametrize("mode", MODES)
def test_an_input_rests_on_mode_seed_and_index_alone(mode):
    forwards = [parts(mode, index) for index in range(40)]
    backwards = [parts(mode, index) for index in reversed(range(40))][::-1]
    assert forwards == backwards
    assert forwards != [parts(mode, index, seed=1) for index in range(40)]


def test_an_input_is_the_same_in_another_process():
    code = "import json, test_fuzz; print(json.dumps(test_fuzz.digests()))"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": paths, "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )
    assert json.loads(told.stdout) == digests()


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("data", [b"", b"a", b"\n", b'"', b"1,2\n3,4\n", b"\xff" * 9])
def test_a_mutation_takes_any_bytes(mutation, data):
    made = {mutation(chance_of("x", 0, at), data) for at in range(40)}
    assert all(isinstance(one, bytes) for one in made)


def test_what_is_planted_is_found_and_the_run_goes_on():
    state = run(
        fuzz_targets.MODES, fuzz_targets.harmless, inputs=1000, workers=2, patience=1.5
    )
    names = ["Responses", "DataError", *fuzz_targets.PLANTED]
    expected = Counter(
        names[fuzz_targets.drawn(chance_of("alive", 0, index))] for index in range(600)
    )
    alive = state.counts["alive"]
    assert alive.inputs == 600
    assert alive.responses == expected.pop("Responses")
    assert alive.refused == expected.pop("DataError")
    assert alive.other == expected.total()
    assert {name: kind.n for name, kind in alive.kinds.items()} == expected
    for mode in ("hanging", "crashing"):
        deadly = [i for i in range(200) if chance_of(mode, 0, i).randrange(60) == 0]
        counts = state.counts[mode]
        assert counts.inputs == 200
        assert counts.refused == 200 - len(deadly)
        assert (counts.hangs, counts.crashes) == (
            (len(deadly), 0) if mode == "hanging" else (0, len(deadly))
        )
        (kind,) = counts.kinds.items()
        assert kind[0] == ("hang" if mode == "hanging" else "SIGSEGV")
        assert kind[1].first == deadly[:5]


def test_a_fault_in_depth_says_that_it_is_one():
    judge = Judge()
    made = [
        judge.judge(
            fuzz_targets.alive, chance_of("alive", 0, at), fuzz_targets.breaking
        )
        for at in range(3000)
    ]
    kinds = {one.kind for one in made if one.kind.startswith("in depth")}
    assert kinds == {"in depth: LookupError"}


def sums(state):
    """What was counted, without what differs from run to run."""
    return {
        mode: (c.inputs, c.responses, c.refused, c.other, c.kinds)
        for mode, c in state.counts.items()
    }


def stop_when_there_is(path):
    """Send the signal that ends a run, once something is counted."""
    for _ in range(600):
        if path.exists() and State.read(path).counts:
            break
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)


def go_on(path, inputs, **keywords):
    return run(
        fuzz_targets.QUICK,
        fuzz_targets.harmless,
        inputs=inputs,
        path=path,
        **keywords,
    )


def test_a_run_that_goes_on_counts_what_one_run_does(tmp_path):
    path = tmp_path / "fuzz.json"
    for inputs in (130, 130, 700):
        state = go_on(path, inputs)
        assert sum(c.inputs for c in state.counts.values()) == inputs
        assert State.read(path) == state
    whole = go_on(None, 700)
    assert sums(whole) == sums(state)
    assert whole.failures == state.failures > 0


def test_a_run_that_is_stopped_counts_each_input_once(tmp_path):
    path = tmp_path / "fuzz.json"
    stop = Thread(target=stop_when_there_is, args=[path])
    stop.start()
    go_on(path, 10**9, workers=2)
    stop.join()
    left = State.read(path)
    handed_out = sum(left.handed_out.values())
    assert sum(c.inputs for c in left.counts.values()) <= handed_out < 10**9
    inputs = handed_out + 1000  # more than a chunk, which one mode may be ahead by
    assert sums(go_on(path, inputs)) == sums(go_on(None, inputs))


def test_a_mode_alone_leaves_the_others_to_be_done(tmp_path):
    path = tmp_path / "fuzz.json"
    State(0, {}, {"one": 9, "other": 9}, [("other", 0, 9), ("one", 0, 9)]).write(path)
    modes = {"one": fuzz_targets.QUICK["one"]}
    state = run(modes, fuzz_targets.harmless, inputs=20, path=path)
    assert {mode: counts.inputs for mode, counts in state.counts.items()} == {"one": 20}
    assert state.pending == [("other", 0, 9)]


def test_a_state_of_another_seed_is_refused(tmp_path):
    path = tmp_path / "fuzz.json"
    State(seed=1).write(path)
    with pytest.raises(ValueError, match="of seed 1, not 0"):
        go_on(path, 1)


def test_a_state_is_whole_or_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "fuzz.json"
    counts = Counts()
    counts.count(Outcome("KeyError", "x.py:1 f", "text"), 3, 0.5)
    counts.count_end(hang=True, how="hang", index=4)
    state = State(0, {"one": counts}, {"one": 100}, [("one", 5, 100)])
    state.write(path)

    def fail_halfway(_saved, file):
        file.write("{")
        raise OSError

    monkeypatch.setattr(counting.json, "dump", fail_halfway)
    with pytest.raises(OSError):  # noqa: PT011  of this very kind
        State(0).write(path)
    assert State.read(path) == state


def test_a_child_that_does_not_start_ends_the_run():
    with pytest.raises(RuntimeError, match="does not start"):
        run(MODES, Unpicklable(), inputs=1)


class Unpicklable:
    """Comes out of a pickle as an error."""

    def __reduce__(self):
        return int, ("no number",)


def test_the_command_repeats_and_saves_an_input(tmp_path, capsys):
    file = tmp_path / "in.csv"
    assert fuzz.repeat("tidy-csv", 0, 7, file) == 0
    assert [file.read_bytes()] == parts("tidy-csv", 7)
    assert "tidy-csv" in capsys.readouterr().out
    fuzz.repeat("lists", 0, 7, file)
    several = sorted(tmp_path.glob("in-*.csv"))
    assert [one.read_bytes() for one in several] == parts("lists", 7)


def test_the_command_tells_of_failures():
    counts = Counts(inputs=3, responses=2, slowest=[(1.5, 7)])
    counts.kinds["KeyError at x.py:1 f"] = counting.Kind(1, "'a'", [7])
    state = State(5, {"tidy-csv": counts})
    assert state.failures == 1
    told = fuzz.failures(state)
    assert told[-1].strip() == "--mode tidy-csv --seed 5 --index 7"
    assert "1.50 s (7)" in fuzz.table(state)
    assert fuzz.slowest(state) == ["    1.50 s  --mode tidy-csv --seed 5 --index 7"]


@pytest.mark.slow
def test_a_hundred_thousand_inputs_are_read_or_refused():
    state = run(MODES, examine, inputs=100_000)
    assert sum(counts.inputs for counts in state.counts.values()) == 100_000
    assert not state.failures, "\n".join(fuzz.failures(state))
