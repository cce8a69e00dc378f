"""Answers and keys that differ by case or outer blanks only, written as one."""

from collections.abc import Iterable, Sequence
from itertools import islice

from quizanalysis._intake.labels import refuse

_SURE = 20
"""So many answers, all of them wrong, are no bad luck: of four options, 1 in 300."""


def spell(said: Sequence[str], key: Sequence[str]) -> tuple[list[str], list[str], bool]:
    """Write the distinct answers to an item as its options are written.

    Answers that differ by case only are one option, spelled as the key spells it. They
    stay apart where the key is one of several such answers: case may be what was asked.

    Parameters
    ----------
    said : texts of the answers; empty for a blank
    key : texts of the right ones

    Returns
    -------
    texts : list of str
        For each answer.
    right : list of str
        The key, without outer blanks.
    matched : bool
        Whether any answer, or the key, is written otherwise than it was given.
    """
    bare = [text.strip() for text in said]
    right = list(dict.fromkeys(text.strip() for text in key))
    fold = str if _is_about_case(bare, right) else str.casefold
    spelling: dict[str, str] = {}
    for text in (*right, *sorted({*bare})):
        spelling.setdefault(fold(text), text)
    texts = [text if text in right else spelling[fold(text)] for text in bare]
    padded = any(text.strip() != text and text.strip() in bare for text in key)
    given = [text if text.strip() else "" for text in said]
    return texts, right, padded or texts != given


def _is_about_case(said: Iterable[str], right: Iterable[str]) -> bool:
    """Whether the key is one of several answers that differ by case only."""
    spellings: dict[str, set[str]] = {}
    for text in said:
        spellings.setdefault(text.casefold(), set()).add(text)
    alike = (spellings.get(text.casefold(), set()) for text in right)
    return any(
        text in same and len(same) > 1 for text, same in zip(right, alike, strict=True)
    )


def refuse_none_right(
    names: Sequence[str],
    said: Sequence[Sequence[str]],
    right: Sequence[Sequence[str]],
    n: int,
) -> None:
    """Refuse answers of which none is right where that is no bad luck.

    Parameters
    ----------
    names : ids of the items
    said : for each item the distinct answers to it
    right : for each item the right ones
    n : how many answers there are
    """
    answered = [at for at, texts in enumerate(said) if texts]
    if len(answered) < 2 or any({*said[at]} & {*right[at]} for at in answered):
        return
    alike = any({*map(_kind, said[at])} & {*map(_kind, right[at])} for at in answered)
    two_students = n > len(answered)
    if n < (_SURE if alike else 4) or not two_students:
        return
    told = "; ".join(
        f"item {names[at]!r} has answers {_some(said[at])} and the key "
        f"{_some(right[at])}"
        for at in answered[:2]
    )
    refuse(
        "answers",
        f"no answer to any item equals its key: {told}",
        "write the key as the answers are written, in the order of the items",
    )


def _kind(text: str) -> str:
    """Tell numbers, letters and other texts: none of them stands for another."""
    if text.isdecimal():
        return "number"
    return "letter" if len(text) == 1 and text.isalpha() else "text"


def _some(texts: Sequence[str]) -> str:
    shown = ", ".join(repr(text) for text in islice(texts, 3))
    return f"{shown}, …" if len(texts) > 3 else shown
