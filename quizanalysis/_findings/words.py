"""The sentences of findings: one table of templates, filled in for all rows."""

from collections.abc import Mapping
from string import Formatter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._findings.rows import OUTCOMES, Found, grouped

EVIDENCE = "evidence"

Templates = Mapping[tuple[str, str], str]
"""For a finding, and an outcome or ``evidence``, a sentence with names in braces."""

SEVERITY: Mapping[str, str] = {
    "key_probably_wrong": "high",
    "discriminates_negatively": "high",
    "points_not_reached": "high",
    "two_keys_plausible": "medium",
    "distractor_attracts_the_best": "medium",
    "does_not_discriminate": "medium",
    "lowers_reliability": "medium",
    "too_hard": "medium",
    "blanks_rise_towards_the_end": "medium",
    "many_blanks": "medium",
    "ungraded_rest": "medium",
    "too_easy": "low",
    "distractor_nobody_chooses": "low",
    "score_inferred": "low",
}
"""Every finding, in the order of its rows, and how much it matters."""

_SHARE = "{figure} of the points, {low} to {high}; n = {n}"
_REST = "correlation with the rest of the quiz {figure}, {low} to {high}; n = {n}"
_OPTION = (
    "{chosen} of n = {n} chose it; correlation with the rest of the quiz {figure}, "
    "{low} to {high}"
)

TEMPLATES: Templates = {
    ("too_easy", EVIDENCE): _SHARE,
    ("too_easy", "look"): (
        "The {n} students earned {figure} of the points, and by all that can be known"
        " more than {threshold} will be earned again: ask it only if everybody has to"
        " know this."
    ),
    ("too_easy", "cannot tell"): (
        "The {n} students earned {figure} of the points; to tell whether it is more "
        "than {threshold} takes {n_needed} students."
    ),
    ("too_easy", "fine"): "Not too easy: {figure} of the points, {n} students.",
    ("too_hard", EVIDENCE): _SHARE,
    ("too_hard", "look"): (
        "The {n} students earned {figure} of the points, and by all that can be known"
        " less than {threshold} will be earned again: check the key and whether this "
        "was taught."
    ),
    ("too_hard", "cannot tell"): (
        "The {n} students earned {figure} of the points; to tell whether it is less "
        "than {threshold} takes {n_needed} students."
    ),
    ("too_hard", "fine"): "Not too hard: {figure} of the points, {n} students.",
    ("does_not_discriminate", EVIDENCE): _REST,
    ("does_not_discriminate", "look"): (
        "Who did well on the rest of the quiz did no better here (correlation "
        "{figure}, at most {high}, {n} students): read the question as a student "
        "would."
    ),
    ("does_not_discriminate", "cannot tell"): (
        "With {n} students the correlation with the rest of the quiz could be "
        "anything from {low} to {high}; to tell it from {threshold} takes {n_needed} "
        "students."
    ),
    ("does_not_discriminate", "fine"): (
        "Who did well on the rest of the quiz did better here: correlation {figure}, "
        "at least {low}, {n} students."
    ),
    ("discriminates_negatively", EVIDENCE): _REST,
    ("discriminates_negatively", "look"): (
        "Who did well on the rest of the quiz did badly here (correlation {figure}, "
        "at most {high}, {n} students): check the key first."
    ),
    ("discriminates_negatively", "cannot tell"): (
        "With {n} students the correlation with the rest of the quiz could be "
        "anything from {low} to {high}; to tell whether it is below 0 takes "
        "{n_needed} students."
    ),
    ("discriminates_negatively", "fine"): (
        "The good students did not do worse here: correlation {figure}, at least "
        "{low}, {n} students."
    ),
    ("lowers_reliability", EVIDENCE): (
        "alpha {alpha}, without it {alpha_without}; correlation with the rest "
        "{figure}, {low} to {high}, even at {threshold}; n = {n}"
    ),
    ("lowers_reliability", "look"): (
        "Without this question the total would be more reliable (alpha "
        "{alpha_without} for {alpha}, {n} students): mend it before you use it again."
    ),
    ("lowers_reliability", "cannot tell"): (
        "Alpha is {alpha}, and {alpha_without} without this question; with {n} "
        "students that may be chance, and {n_needed} would tell."
    ),
    ("lowers_reliability", "fine"): (
        "The question makes the total more reliable: alpha {alpha}, {alpha_without} "
        "without it, {n} students."
    ),
    ("key_probably_wrong", EVIDENCE): (
        "of the {size} best {upper} chose '{option}', {key_upper} the key; "
        "correlation with the rest of the quiz {figure}, of the key {key_figure}; n ="
        " {n}"
    ),
    ("key_probably_wrong", "look"): (
        "'{option}' is probably right and the key wrong: of the {size} best students "
        "{upper} chose it and {key_upper} the key (correlation with the rest of the "
        "quiz {figure} for {key_figure}, {n} students); check the key before anything"
        " else."
    ),
    ("key_probably_wrong", "cannot tell"): (
        "Of the {size} best students {upper} chose '{option}' and {key_upper} the "
        "key; with {n} students that may be chance, and {n_needed} would tell."
    ),
    ("key_probably_wrong", "fine"): (
        "The key holds: of the {size} best students {key_upper} chose it, {upper} "
        "'{option}', of {n}."
    ),
    ("distractor_nobody_chooses", EVIDENCE): (
        "{chosen} of {wrong} wrong answers, at most {high}; n = {n}"
    ),
    ("distractor_nobody_chooses", "look"): (
        "None of the {wrong} wrong answers was '{option}' ({n} students): put "
        "something in its place that a student could believe."
    ),
    ("distractor_nobody_chooses", "cannot tell"): (
        "None of the {wrong} wrong answers was '{option}'; it may have up to {high} "
        "of them, and to tell it from {threshold} takes {n_needed} students."
    ),
    ("distractor_nobody_chooses", "fine"): (
        "{chosen} of the {wrong} wrong answers were '{option}', of {n} students."
    ),
    ("distractor_attracts_the_best", EVIDENCE): _OPTION,
    ("distractor_attracts_the_best", "look"): (
        "The {chosen} of {n} who chose '{option}', which counts as wrong, did well on"
        " the rest of the quiz (correlation {figure}, at least {low}): is it right "
        "after all, or can it be read so?"
    ),
    ("distractor_attracts_the_best", "cannot tell"): (
        "{chosen} of {n} students chose '{option}'; whether they are the better ones "
        "takes {n_needed} students to tell."
    ),
    ("distractor_attracts_the_best", "fine"): (
        "The {chosen} of {n} who chose '{option}' are not the better ones: "
        "correlation {figure}, at most {high}."
    ),
    ("two_keys_plausible", EVIDENCE): (
        "correlation with the rest of the quiz {figure}, {low} to {high}; of the key "
        "{key_figure}, {key_low} to {key_high}; n = {n}"
    ),
    ("two_keys_plausible", "look"): (
        "Who chose the key and who chose '{option}' both did well on the rest of the "
        "quiz (correlations {key_figure} and {figure}, {n} students): both may be "
        "right."
    ),
    ("two_keys_plausible", "cannot tell"): (
        "Whether '{option}' draws good students as the key does (correlations "
        "{figure} and {key_figure}) cannot be told from {n} students; {n_needed} "
        "would tell."
    ),
    ("two_keys_plausible", "fine"): (
        "Not both '{option}' and the key draw good students: correlations {figure} "
        "and {key_figure}, {n} students."
    ),
    ("many_blanks", EVIDENCE): "{blank} of n = {n} blank, {low} to {high}",
    ("many_blanks", "look"): (
        "{blank} of {n} left it blank, and by all that can be known more than "
        "{threshold} will: was the time short, or the question unclear?"
    ),
    ("many_blanks", "cannot tell"): (
        "{blank} of {n} left it blank; to tell whether it is more than {threshold} "
        "takes {n_needed} students."
    ),
    ("many_blanks", "fine"): "{blank} of {n} left it blank.",
    ("blanks_rise_towards_the_end", EVIDENCE): (
        "{figure} blank in the last quarter, {before} before; difference {low} to "
        "{high}; n = {n}"
    ),
    ("blanks_rise_towards_the_end", "look"): (
        "{figure} of the last quarter of the questions was left blank and {before} of"
        " those before ({n} students): the time was probably too short."
    ),
    ("blanks_rise_towards_the_end", "cannot tell"): (
        "{figure} of the last quarter of the questions was left blank and {before} of"
        " those before; with {n} students that may be chance, and {n_needed} would "
        "tell."
    ),
    ("blanks_rise_towards_the_end", "fine"): (
        "No more is left blank towards the end: {figure} of the last quarter, "
        "{before} before, {n} students."
    ),
    ("score_inferred", EVIDENCE): "best score {figure}; n = {n}",
    ("score_inferred", "look"): (
        "What the question is worth was not given, so the best score of {n} students,"
        " {figure}, stands for it: give the points possible."
    ),
    ("score_inferred", "cannot tell"): (
        "Which answer is right was not given, so those with full points ({figure}, "
        "{n} students) stand for it."
    ),
    ("score_inferred", "fine"): "Points and key were given; {n} students.",
    ("ungraded_rest", EVIDENCE): "{figure} of {all} not graded; n = {n}",
    ("ungraded_rest", "look"): (
        "{figure} of {all} answers are not graded yet, so all figures rest on the "
        "other {n}: grade them first."
    ),
    ("ungraded_rest", "cannot tell"): "",
    ("ungraded_rest", "fine"): "All {n} answers are graded.",
    ("points_not_reached", EVIDENCE): (
        "worth {points} points; best score {figure}; n = {n}"
    ),
    ("points_not_reached", "look"): (
        "The question is said to be worth {points} points; the best of {n} students "
        "got {figure}, and so did all who got any: correct the points possible if a "
        "full answer earns {figure}."
    ),
    ("points_not_reached", "cannot tell"): "",
    ("points_not_reached", "fine"): (
        "No score contradicts the {points} points that it is worth; {n} students."
    ),
}
"""English. The names in braces are what a template of the same finding may use."""


def filled(found: Found, templates: Templates) -> tuple[pa.Array, pa.Array]:
    """Write the evidence and the advice of all rows of a rule."""
    fields = {**found.fields, "n_needed": _needed(found)}
    evidence = _said(found, EVIDENCE, templates, fields)
    advice = pa.nulls(len(found.item), pa.string())
    for code, outcome in enumerate(OUTCOMES):
        here = pa.array(found.outcome == code)
        advice = pc.if_else(here, _said(found, outcome, templates, fields), advice)
    return evidence, advice


def checked(templates: Templates | None) -> Templates:
    """English, and in its place what was given.

    Raises
    ------
    ValueError
        For a template of nothing that is found, or one that is not made of text and of
        names in braces.
    """
    given = templates or {}
    for key, template in given.items():
        if key not in TEMPLATES:
            msg = f"there is no template {key!r}: its name is (finding, outcome)"
            raise ValueError(msg)
        _parts(key, template)
    return {**TEMPLATES, **given}


def _parts(key: tuple[str, str], template: str) -> list[tuple[str, str | None]]:
    """Text, and the name that follows it or None."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        msg = f"template {key!r}: {error}"
        raise ValueError(msg) from None
    if any(how or spec for _, _, spec, how in parts):
        msg = f"template {key!r}: only names in braces, such as {{n}}"
        raise ValueError(msg)
    return [(text, name) for text, name, _, _ in parts]


def _said(
    found: Found, outcome: str, templates: Templates, fields: Mapping[str, pa.Array]
) -> pa.Array:
    key = found.finding, outcome
    pieces: list[pa.Array | str] = []
    for text, name in _parts(key, templates[key]):
        if name is not None and name not in fields:
            known = ", ".join(sorted(fields))
            msg = f"template {key!r} has {{{name}}}; it may have {known}"
            raise ValueError(msg)
        pieces += [text] if name is None else [text, fields[name]]
    # An array among them gives the number of rows, even when no name is there.
    empty = pa.array([""] * len(found.item), pa.string())
    return pc.binary_join_element_wise(empty, *pieces, "")


def _needed(found: Found) -> pa.Array:
    known = np.isfinite(found.needed)
    numbers = np.where(known, found.needed, 0).astype(np.int64)
    said = pc.binary_join_element_wise("about ", grouped(numbers), "")
    return pc.if_else(pa.array(known), said, "more than a million")
