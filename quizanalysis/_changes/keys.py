"""A new key: which options are right, alone or together, and who chose just these."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

import numpy as np

from quizanalysis._intake.columns import Findings, Ints, Mask
from quizanalysis._intake.options import Options
from quizanalysis.errors import Problem

Keys = Sequence[Mask]
"""First the options of each item's first right answer, then of its second, and so on.

Each has one entry per option.
"""

_LISTED = 8


def keys_of(
    findings: Findings,
    choices: Options,
    rekey: Mapping[str, Sequence[Sequence[str]]],
    rows: Mapping[str, int],
) -> Keys:
    """Find the options that were named, by their id or else their text."""
    known = []
    for name, key in rekey.items():
        if name in rows and _has_options(findings, choices, name, rows[name]):
            first, end = np.searchsorted(choices.item, rows[name] + np.arange(2))
            here = slice(int(first), int(end))
            names = choices.option[here].to_pylist(), choices.text[here].to_pylist()
            known.append(
                [
                    [first + _place(findings, name, word, *names) for word in answer]
                    for answer in key
                ]
            )
    rounds = []
    for answers in zip_longest(*known, fillvalue=()):
        mask = np.zeros(len(choices.item), bool)
        mask[[option for answer in answers for option in answer]] = True
        rounds.append(mask)
    return rounds


def keyed(keys: Keys, choices: Options) -> Mask:
    """The options that are in any right answer."""
    named = np.zeros(len(choices.item), bool)
    for key in keys:
        named |= key
    return named


def right(keys: Keys, choices: Options, cell_item: Ints) -> Mask:
    """Which cells chose all options of one right answer, and no other."""
    n, n_items = len(cell_item), len(choices.is_open)
    chosen = np.bincount(choices.chosen_cell, minlength=n)
    found = np.zeros(n, bool)
    for key in keys:
        size = np.bincount(choices.item[key], minlength=n_items)[cell_item]
        hits = choices.chosen_cell[key[choices.chosen_option]]
        found |= (
            (size > 0) & (chosen == size) & (np.bincount(hits, minlength=n) == size)
        )
    return found


def _has_options(findings: Findings, choices: Options, name: str, row: int) -> bool:
    some = row in choices.item and not choices.is_open[row]
    if not some:
        message = "rekey: the answers to the item are no options"
        hint = "they are open, too many or not there; drop it, or give full credit"
        _note(findings, name, message, hint)
    return bool(some)


def _place(
    findings: Findings, name: str, word: str, ids: Sequence[str], texts: Sequence[str]
) -> int:
    """Which of the item's options is named; where none is, that is noted."""
    found = [at for at, one in enumerate(ids) if one == word]
    found = found or [at for at, one in enumerate(texts) if one == word]
    if len(found) == 1:
        return found[0]
    several = [ids[at] for at in found or range(len(ids))]
    listed = ", ".join(several[:_LISTED]) + (", …" if len(several) > _LISTED else "")
    if found:
        message = f"rekey: options of item {name!r} with the same text"
        _note(findings, word, message, f"name one by its id: {listed}")
    else:
        message = f"rekey: no option of item {name!r}"
        _note(findings, word, message, f"its options are {listed}")
    return 0


def _note(findings: Findings, value: str, message: str, hint: str) -> None:
    findings.add(
        Problem(
            table="items", column="options", value=value, message=message, hint=hint
        )
    )
