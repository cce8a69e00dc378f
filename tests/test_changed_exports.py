"""What people and programs make of an export is read as it was meant, or refused."""

import io
import math
import random
from contextlib import suppress
from functools import cache

import pytest
from changed_exports import (
    PROGRAMS,
    ROW_NUMBERS,
    WAYS,
    add_row_numbers,
    change,
    open_course,
)
from hypothesis import given
from hypothesis import strategies as st

import quizanalysis as qa
from quizanalysis.errors import DataError

COURSES = ("canvas_classic", "new_quizzes", "own_canvas_classic", "own_new_quizzes")
POLICIES = ("last", "best", "all")
OWN = ("n", "n_blank", "n_not_shown", "points_possible", "mean", "sd", "difficulty")
"""Figures of an item that no other item has a part in."""

WITH_OTHERS = ("discrimination", "point_biserial_corrected", "alpha_if_deleted")
SUMMARY = ("n", "n_items", "points_possible", "mean", "sd", "median", "min", "max")
STUDENT = ("score", "percent", "points_possible")
NA_ITEM, N_NA = "40228", 15
"""The item that was answered with the word NA, and how often."""


@cache
def course(name):
    """The sheet of a course, made once."""
    return open_course(name)


def read_sheet(sheet, **options):
    """Read a sheet."""
    return qa.read(io.BytesIO(sheet.data), quiz_id="course", **options)


def take_figures(responses, policy):
    """All figures that are compared."""
    items = qa.item_analysis(responses, attempt=policy).to_pylist()
    (summary,) = qa.summary(responses, attempt=policy).to_pylist()
    students = qa.student_analysis(responses, attempt=policy).to_pylist()
    return (
        {row["item_id"]: row for row in items},
        summary,
        # Programs take an id for a number, and leave out the zeros before it.
        {(row["student_id"].lstrip("0"), row["attempt"]): row for row in students},
    )


@cache
def untouched(name, policy, *, test_student=False):
    """Figures of the untouched file."""
    return take_figures(read_sheet(course(name), test_student=test_student), policy)


def is_near(one, other):
    """Whether two figures are the same."""
    if one is None or other is None or isinstance(one, str):
        return one == other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def is_anonymous(sheet):
    """Whether each row is a student of its own, as nothing links two of them."""
    return sheet.gone >= {"id", "sis", "name", "attempt"}


def find_differences(name, sheet, policy, found):
    """List the figures that are others than they were."""
    # Documented: without ids, names and attempts each row is a student of its own.
    policy = "all" if is_anonymous(sheet) else policy
    # The test student is known by the name alone: without names it is a student.
    unknown = "name" in sheet.gone and "test student" not in sheet.gone
    was = untouched(name, policy, test_student=unknown)
    wrong = compare_items(sheet, was[0], found[0])
    if sheet.questions:
        # What is added up over questions has another sum without some of them.
        return wrong
    wrong += [
        (key, was[1][key], found[1][key])
        for key in SUMMARY
        if not (key == "points_possible" and "PointsPossible" in sheet.gone)
        and not is_near(was[1][key], found[1][key])
    ]
    return wrong + compare_students(sheet, was[2], found[2])


def compare_items(sheet, was, found):
    """List what differs between two item analyses."""
    if found.keys() != was.keys() - sheet.questions:
        return [("items", sorted(was), sorted(found))]
    keys = (*OWN, "correct_ratio") + (() if sheet.questions else WITH_OTHERS)
    wrong = [
        (item, key, was[item][key], row[key])
        for item, row in found.items()
        for key in keys
        if not is_near(was[item][key], row[key])
    ]
    return [one for one in wrong if not is_blanked(one)]


def is_blanked(difference):
    """Whether answers NA were read as blank, as programs write empty cells so."""
    item, key, before, now = difference
    return item == NA_ITEM and key == "n_blank" and before < now <= before + N_NA


def compare_students(sheet, was, found):
    """List what differs between two analyses of students."""
    if len(was) != len(found):
        return [("students", len(was), len(found))]
    if sheet.gone & {"score", "OverallScore", "PointsPossible"}:
        # Recorded totals may differ from the sums of what items have.
        was, found = (
            {key: {"score": row["items_score"]} for key, row in rows.items()}
            for rows in (was, found)
        )
    if sheet.gone & {"id", "same ids", "attempt"}:
        # Which student is which is not known any more, so only the values are compared.
        before, now = (sorted(map(totals, rows.values())) for rows in (was, found))
        pairs = zip(before, now, strict=True)
    else:
        if was.keys() != found.keys():
            return [("ids", sorted(was.keys() ^ found.keys()))]
        pairs = ((totals(was[key]), totals(found[key])) for key in was)
    return [
        ("student", one, other)
        for one, other in pairs
        if not all(map(is_near, one, other))
    ]


def totals(row):
    """A student's totals."""
    return [row.get(key) for key in STUDENT]


def apply_ways(name, ways, seed):
    """Change a course in several ways."""
    sheet, dice = course(name), random.Random(seed)  # noqa: S311
    for way in ways:
        sheet = change(sheet, way, dice)
    return sheet


def check(name, sheet):
    """Read a sheet: equal figures or a refusal; say which attempts were counted."""
    responses = read_sheet(sheet)
    if is_anonymous(sheet) and "uniqueness" in sheet.gone:
        # Two students may have given the same answers, where nothing else is said.
        return []
    # Which attempt is best depends on all questions.
    policies = [p for p in POLICIES if p != "best" or not sheet.questions]
    read = []
    for policy in policies:
        try:
            found = take_figures(responses, policy)
        except DataError:
            continue
        wrong = find_differences(name, sheet, policy, found)
        assert not wrong, (policy, wrong[:5])
        read.append(policy)
    return read


@given(
    st.sampled_from(COURSES),
    st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=3),
    st.integers(0, 999),
)
def test_a_changed_export_has_the_same_figures_or_is_refused(name, ways, seed):
    sheet = apply_ways(name, ways, seed)
    with suppress(DataError):
        check(name, sheet)


REFUSED = {
    "times as in America": "not a point in time",
    "times as elsewhere": "not a point in time",
    "shortened ids": "an id that a spreadsheet has cut",
    "rows twice": "the same student and attempt as an earlier row",
    "without points": "without points behind it|without its column",
    "without answers": "there|without its column|points without the answers",
    "without a part": "there|without points|without its column|points without",
}
"""Ways after which nobody could tell what is meant, and what is said then."""

OPEN = {"a column named 2", "a column inside", "a column moved"}
"""Ways that do no harm in some places."""

UNLINKED = {"without lead columns", "without ids", "without times and attempts"}
"""Ways after which nothing tells which attempt of a student is the last."""


@pytest.mark.parametrize("name", COURSES[:2])
@pytest.mark.parametrize("way", sorted(WAYS.keys() - REFUSED.keys() - OPEN))
def test_what_can_mean_one_thing_only_is_read(name, way):
    read = check(name, apply_ways(name, [way], 1))
    if way in UNLINKED:
        assert "all" in read
    else:
        assert {"last", "all"} <= {*read}


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("way", REFUSED)
def test_what_can_mean_more_is_refused_with_the_reason(name, way):
    with pytest.raises(DataError, match=REFUSED[way]):
        read_sheet(apply_ways(name, [way], 1))


@pytest.mark.parametrize("first", ["whole points", "a spreadsheet", "summaries"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_reads_what_others_changed(program, first):
    assert "last" in check(
        "canvas_classic", apply_ways("canvas_classic", [first, program], 1)
    )


@pytest.mark.parametrize("row_number", ROW_NUMBERS)
@pytest.mark.parametrize("name", ["canvas_classic", "new_quizzes"])
def test_row_numbers_in_front_are_passed_over(name, row_number):
    dice = random.Random(1)  # noqa: S311
    sheet = add_row_numbers(course(name), dice, names=[row_number])
    assert "last" in check(name, sheet)


@pytest.mark.parametrize(
    ("name", "ways", "seed"),
    [
        # Numbers of repeated points do not follow each other after a deletion.
        ("own_canvas_classic", ["a spreadsheet", "pandas", "without a question"], 0),
        # One question that is left is not worth all that the quiz is out of.
        ("new_quizzes", ["whole points", "without a question"], 157),
        # Empty rows make ids numbers with decimals, and attempts with commas.
        ("new_quizzes", ["empty columns", "pandas"], 49),
        ("canvas_classic", ["summaries", "pandas with decimal commas"], 1),
        # Rows of nothing but NA.
        ("canvas_classic", ["blank rows", "R"], 69),
        ("own_new_quizzes", ["without names", "summaries"], 367),
        ("own_canvas_classic", ["without attempts", "rows twice"], 43),
        ("own_canvas_classic", ["without ids", "rows twice"], 60),
        ("own_new_quizzes", ["duckdb"], 0),
        ("new_quizzes", ["without lead columns"], 214),
    ],
)
def test_ways_that_once_gave_other_figures(name, ways, seed):
    with suppress(DataError):
        check(name, apply_ways(name, ways, seed))


# ---- our own files ----------------------------------------------------------------


def take_answers(sheet):
    """Answers by student, attempt and item."""
    rows = read_sheet(sheet).to_arrow().to_pylist()
    return {
        (row["student_id"].lstrip("0"), row["attempt"], row["item_id"]): row["response"]
        for row in rows
    }


def as_value(answer):
    """An answer as a program holds it that takes numbers for numbers."""
    try:
        return float(answer)
    except (TypeError, ValueError):
        return answer and answer.lower()


@pytest.mark.parametrize("program", ["pandas", "polars", "duckdb"])
@pytest.mark.parametrize("name", ["own_canvas_classic", "own_new_quizzes"])
def test_our_own_file_saved_again_as_text_has_the_same_answers(name, program):
    again = apply_ways(name, [f"{program} as text"], 1)
    found = take_answers(again)
    assert found == take_answers(course(name))
    assert {"-1", "-1.00"} <= {*found.values()}


@pytest.mark.parametrize("program", ["pandas", "polars", "duckdb"])
@pytest.mark.parametrize("name", ["own_canvas_classic", "own_new_quizzes"])
def test_our_own_file_saved_again_with_types_has_the_same_answers(name, program):
    found = take_answers(apply_ways(name, [program], 1))
    was = take_answers(course(name))
    if program == "pandas":  # takes the answer NA for a missing one
        was = {key: None if value == "NA" else value for key, value in was.items()}
    assert found.keys() == was.keys()
    for key, answer in was.items():
        assert as_value(found[key]) == as_value(answer), key
    assert {"-1", "-1.00"} <= {*found.values()}
