"""What is said when something asked for is not there, or is of another kind."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice

_LISTED, _NAME = 8, 40
_COMPARED = 10_000
"""Names that are looked through for similar ones; comparing takes a while."""


def not_there(kind: str, asked: Sequence[str], there: Iterable[str]) -> str:
    """Say that there are no such names, and list those that there are.

    Similar names come first, the others in their order.

    Examples
    --------
    >>> not_there("section", ["tuesday"], ["Monday", "Tuesday"])
    "there is no section 'tuesday'; there are: 'Tuesday', 'Monday'"
    >>> not_there("section", ["A"], [])
    "there is no section 'A', nor any other"
    """
    known = list(dict.fromkeys(there))
    said = f"there is no {kind} {list_names(asked, ' or ')}"
    if not known:
        return f"{said}, nor any other"
    compared, similar = known[:_COMPARED], dict[str, None]()
    for name in asked[:_LISTED]:
        similar |= dict.fromkeys(get_close_matches(name, compared))
    verb = "is" if len(known) == 1 else "are"
    return f"{said}; there {verb}: {list_names([*dict.fromkeys([*similar, *known])])}"


def list_names(names: Sequence[str], between: str = ", ") -> str:
    """Quote the first few names, and the beginning of each; say how many more.

    Examples
    --------
    >>> list_names(["a", "b"]), list_names([str(n) for n in range(1_000)])[-12:]
    ("'a', 'b'", 'and 992 more')
    """
    more = len(names) - _LISTED
    cut = (f"{name[:_NAME]}..." if len(name) > _NAME else name for name in names)
    shown = between.join(map(repr, islice(cut, _LISTED)))
    return shown + (f" and {more:,} more" if more > 0 else "")


def need_kind(what: str, given: object, *kinds: type) -> None:
    """Raise TypeError for what is of none of these kinds, before it is used as one.

    Examples
    --------
    >>> need_kind("a number is", "x", int, float)
    Traceback (most recent call last):
    TypeError: a number is needed, not str
    """
    if not isinstance(given, kinds):
        msg = f"{what} needed, not {type(given).__name__}"
        raise TypeError(msg)
