"""The rules by which each system computes its figures, in words and side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

System = Literal[
    "quizanalysis", "canvas-classic", "new-quizzes", "moodle", "psych", "ctt"
]
"""A convention, or our own definitions."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a system goes from the submissions to a figure; our own unless said.

    The fields stand in the order in which the rules act: who and what enters, what a
    response and a total are worth, then the formula.
    """

    attempt: Literal["first", "last", "best"] = "last"
    students: Literal["all", "logged in", "with a total", "drawn once"] = "all"
    score: Literal["points", "key"] = "points"
    not_graded: Literal["left out", "zero", "submission left out"] = "left out"
    blank: Literal["zero", "left out"] = "zero"
    missing: Literal["own", "pairwise", "complete"] = "own"
    items: Literal["all", "choice", "varying"] = "all"
    total: Literal["items", "recorded", "five decimals"] = "items"
    own_item: Literal["in", "out"] = "in"
    divisor: Literal["n - 1", "n"] = "n - 1"
    ties: Literal["split", "include"] = "split"
    least: Literal["2 items", "3 students", "16 items"] = "2 items"
    rounding: Literal["none", "2 decimals"] = "none"


ITEM_FIGURES: Mapping[System, Rules] = {
    "quizanalysis": Rules(),
    "canvas-classic": Rules(
        attempt="first",
        students="logged in",
        score="key",
        blank="left out",
        items="choice",
        total="recorded",
        divisor="n",
    ),
    "new-quizzes": Rules(
        not_graded="submission left out",
        own_item="out",
        ties="include",
        rounding="2 decimals",
    ),
    "moodle": Rules(
        attempt="best", students="with a total", not_graded="zero", own_item="out"
    ),
    "psych": Rules(students="drawn once", missing="pairwise", items="varying"),
    "ctt": Rules(students="drawn once", missing="complete", own_item="out"),
}
"""The rules of the figures of an item."""

ALPHA: Mapping[System, Rules] = {
    "quizanalysis": replace(ITEM_FIGURES["quizanalysis"], missing="complete"),
    "canvas-classic": replace(ITEM_FIGURES["canvas-classic"], least="16 items"),
    "moodle": replace(
        ITEM_FIGURES["moodle"], total="five decimals", least="3 students"
    ),
    "psych": ITEM_FIGURES["psych"],
    "ctt": ITEM_FIGURES["ctt"],
}
"""The rules of alpha, of the systems that have it."""

FIGURES: Mapping[System, tuple[str, ...]] = {
    "quizanalysis": (
        "n",
        "mean",
        "sd",
        "difficulty",
        "discrimination",
        "point_biserial",
        "point_biserial_corrected",
    ),
    "canvas-classic": ("n", "sd", "difficulty", "point_biserial"),
    "new-quizzes": (
        "n",
        "mean",
        "difficulty",
        "discrimination",
        "point_biserial_corrected",
    ),
    "moodle": ("n", "sd", "difficulty", "point_biserial_corrected"),
    "psych": ("n", "mean", "sd", "point_biserial", "point_biserial_corrected"),
    "ctt": ("mean", "point_biserial_corrected"),
}
"""Which figures of an item a system has, by our names."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "attempt": {
        "first": "the first attempt of each student",
        "last": "the last attempt of each student",
        "best": "the attempt with the highest score, the earliest among equals",
    },
    "students": {
        "all": "everyone",
        "logged in": "those who were logged in",
        "with a total": "those whose total is stored, where the quiz stores totals",
        "drawn once": "submissions in which no question comes twice",
    },
    "score": {
        "points": "the points a response earned",
        "key": "full points for the key that was chosen, else 0, whatever it earned",
    },
    "not_graded": {
        "left out": "a response not graded yet is left out",
        "zero": "a response not graded yet is 0",
        "submission left out": "a question graded for less than half is left out, "
        "then every submission with a response not graded yet",
    },
    "blank": {
        "zero": "a blank is 0",
        "left out": "a blank is left out",
    },
    "missing": {
        "own": "each item over the students who have a score for it",
        "pairwise": "each two items over the students who have a score for both",
        "complete": "only students who have a score for every item",
    },
    "items": {
        "all": "every item",
        "choice": "multiple choice and true/false",
        "varying": "items whose scores vary, in the totals too",
    },
    "total": {
        "items": "the sum of the item scores",
        "recorded": "the total that the system recorded",
        "five decimals": "the total that the system recorded, to 5 decimals",
    },
    "own_item": {
        "in": "correlated with the total, the item in it",
        "out": "correlated with the total of the other items",
    },
    "divisor": {"n - 1": "variances divided by n - 1", "n": "variances divided by n"},
    "ties": {
        "split": "who ties at the cut of a group is in it in part",
        "include": "who ties at the cut of a group is in it",
    },
    "least": {
        "2 items": "from 2 items and 2 students up",
        "3 students": "from 2 items and 3 students up",
        "16 items": "from 16 items up",
    },
    "rounding": {"none": "not rounded", "2 decimals": "rounded to 2 decimals, half up"},
}
"""What each rule says, by its name and value."""
