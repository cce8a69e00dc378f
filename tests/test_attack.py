"""What one report gives away under min_cell does not prove what is hidden."""

import numpy as np
import pytest
from attacker import WHOLE, prove, told
from attacker_classes import (
    BLANK,
    GRADED,
    NOT_SHOWN,
    Item,
    Room,
    classes,
    plain,
    published,
    secrets,
)

LEAST = 10
SHARES = ("difficulty", "mean", "correct_ratio", "sd")


def room_of(choice, *, state=None, section=None, items=None):
    """A class in which option 0 is right, of one section unless there are more."""
    choice = np.array(choice, int)
    n, k = choice.shape
    state = np.zeros((n, k), int) if state is None else np.array(state)
    section = np.zeros(n, int) if section is None else np.array(section)
    return Room(tuple(items or [Item(1)] * k), choice, state, section)


def found_out(room, least=LEAST):
    """The secrets that the report tells; what is proved is true."""
    found, _ = prove(published(room, least))
    secret, wrong = told(found, secrets(room), least)
    assert not wrong
    return secret


def right_of(*counts, n):
    """Answers to items of which so many are right, the first students."""
    return (np.arange(n)[:, None] >= np.array(counts)).astype(int)


# ---- the attacker finds what is there ------------------------------------------------


def without(row, *names):
    """A row in which some figures, but not their ends, are hidden."""
    return row | dict.fromkeys(names)


def all_proved(known, room, uses, name):
    """Whether a count of every item is proved, and all that is proved is true."""
    found, undecided = prove(known, uses)
    _, wrong = told(found, secrets(room), LEAST)
    assert not wrong
    assert not undecided
    return all(("items", place, name) in found for place in known.rows)


@pytest.mark.parametrize("seed", range(12))
def test_ends_of_intervals_tell_every_hidden_share(seed):
    room = classes(seed)
    known = plain(room)
    known.options, known.summary = [], known.summary | {"mean": None, "sd": None}
    far = ("biserial", "point_biserial", "point_biserial_corrected", "discrimination")
    for place, row in known.rows.items():
        known.rows[place] = without(row, *SHARES, *far)
    assert all_proved(known, room, ("ends",), "right")


def only_correlations(row):
    """A row in which the shares are hidden with their ends."""
    ends = [f"{name}_{end}" for name in SHARES[:3] for end in ("low", "high")]
    return without(row, *SHARES, *ends, "biserial", "discrimination")


@pytest.mark.parametrize("seed", range(6))
def test_correlations_beside_the_summary_tell_hidden_shares(seed):
    rng = np.random.default_rng(seed)
    room = room_of(rng.random((30, 10)) > rng.uniform(0.4, 0.95, 10))
    known = plain(room)
    known.options = []
    known.rows = {place: only_correlations(row) for place, row in known.rows.items()}
    assert all_proved(known, room, ("correlations",), "fewer")


def test_sections_beside_the_whole_tell_what_one_of_them_hides():
    room = room_of(
        [[0]] * 25 + [[1]] * 5 + [[0]] * 18 + [[1]] * 12, section=[0] * 30 + [1] * 30
    )
    known = plain(room)
    known.options = []
    place = ("section 0", "q0")
    row = known.rows[place]
    known.rows[place] = {k: v for k, v in row.items() if k in {"n", "n_not_shown"}} | {
        name: None for name in row if name not in {"n", "n_not_shown"}
    }
    found, _ = prove(known)
    assert found["items", place, "right"] == 25
    assert found["items", place, "wrong"] == 5


def test_one_hidden_item_is_told_by_the_mean_of_the_totals():
    room = room_of(right_of(25, 20, 16, 12, n=30))
    known = plain(room)
    known.options = []
    row = known.rows[WHOLE, "q0"]
    hidden = {name: None for name in row if name not in {"n", "n_not_shown", "item_id"}}
    known.rows[WHOLE, "q0"] = row | hidden | {"n_not_graded": 0}
    found, _ = prove(known, ("figures", "summary"))
    assert found["items", (WHOLE, "q0"), "right"] == 25


def small_quiz():
    rng = np.random.default_rng(4)
    return room_of(rng.random((14, 5)) > 0.6)


def test_the_moments_of_few_totals_tell_the_highest_and_the_lowest():
    room = small_quiz()
    known, truth = plain(room), secrets(room)
    found, _ = prove(known, ("totals",))
    names = ("min", "max", "n_min", "n_max")
    keys = [("summary", (), name) for name in names]
    assert {key: found[key] for key in keys} == {key: truth[key] for key in keys}


def cells_of_one():
    choice = [[0]] * 20 + [[o] for o in range(1, 11)]
    return room_of(choice, items=[Item(1, declared=False, n_options=11)])


def test_as_many_hidden_options_as_choosers_are_of_one_each():
    room = cells_of_one()
    known = plain(room)
    known.options = [
        row if row["n"] > 1 else without(row, "n", "n_upper", "n_middle", "n_lower")
        for row in known.options
    ]
    secret, wrong = told(prove(known, ("subtraction",))[0], secrets(room), LEAST)
    assert not wrong
    assert sum(key[0] == "options" and key[2] == "n" for key in secret) == 10


def uneven_sections():
    """All of one section have q1, and 3 of the other, of whom ten lack q0."""
    state = np.full((40, 3), GRADED)
    state[20:30, 0] = NOT_SHOWN
    state[23:, 1] = NOT_SHOWN
    return room_of(np.zeros((40, 3)), state=state, section=[0] * 20 + [1] * 20)


def test_a_section_that_is_complete_tells_the_numbers_of_its_items():
    room = uneven_sections()
    known = plain(room)
    known.options = []
    for section in ("section 0", "section 1"):
        row = known.rows[section, "q1"]
        kept = {"item_id", "n_complete"} if section == "section 0" else {"item_id"}
        known.rows[section, "q1"] = {
            k: v if k in kept else None for k, v in row.items()
        }
    found, _ = prove(known, ("subtraction",))
    assert found["items", ("section 1", "q1"), "n"] == 3


# ---- the report does not tell it -----------------------------------------------------


@pytest.mark.parametrize(
    "room",
    [
        room_of(right_of(27, n=30)),
        room_of(right_of(27, 20, 14, n=30)),
        room_of(
            [[0]] * 25 + [[1]] * 5 + [[0]] * 18 + [[1]] * 12,
            section=[0] * 30 + [1] * 30,
        ),
        cells_of_one(),
        small_quiz(),
        room_of(
            right_of(28, 24, 15, n=30), state=[[BLANK] * 3] * 2 + [[GRADED] * 3] * 28
        ),
    ],
    ids=["27 of 30", "three items", "25 of 43", "ten of one", "five items", "blanks"],
)
def test_a_report_does_not_tell_what_it_hides(room):
    assert found_out(room) == {}


def test_a_complete_section_does_not_tell_the_numbers_of_another():
    secret = found_out(uneven_sections(), least=5)
    assert [key for key in secret if key[0] == "items"] == []


@pytest.mark.parametrize("seed", range(16))
def test_the_report_of_a_random_class_does_not_tell_what_it_hides(seed):
    assert found_out(classes(seed)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 2000, 50))
def test_the_reports_of_a_thousand_classes_do_not_tell_what_they_hide(first):
    secret = {seed: found_out(classes(seed)) for seed in range(first, first + 50)}
    assert {seed: own for seed, own in secret.items() if own} == {}
