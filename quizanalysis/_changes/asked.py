"""What is asked to be changed, brought into one shape."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Items by id; a key is a list of right answers, each a list of options."""

    drop: list[str]
    rekey: dict[str, list[list[str]]]
    full_credit: list[str]
    weights: dict[str, float]
    quiz_id: str | None

    def uses(self) -> dict[str, list[str]]:
        """Which keywords name each item."""
        found: dict[str, list[str]] = {}
        for word in ("drop", "rekey", "full_credit", "weights"):
            for name in getattr(self, word):
                found.setdefault(name, []).append(word)
        return found


def asked(
    drop: str | Collection[str],
    rekey: Mapping[str, object] | None,
    full_credit: str | Collection[str],
    weights: Mapping[str, object] | None,
    quiz_id: str | None,
) -> Asked:
    """Refuse what is of no such kind; what is not there in the data is found later."""
    return Asked(
        drop=_ids("drop", drop),
        rekey={name: _key(name, said) for name, said in _by_id("rekey", rekey)},
        full_credit=_ids("full_credit", full_credit),
        weights={
            name: _points(name, said) for name, said in _by_id("weights", weights)
        },
        quiz_id=quiz_id,
    )


def _ids(word: str, given: object) -> list[str]:
    """Ids, each once, in the order given; one may stand alone."""
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        msg = f"{word} must be item ids, not {type(given).__name__}"
        raise TypeError(msg)
    several = [given] if isinstance(given, str) else [*given]
    other = [one for one in several if not isinstance(one, str)]
    if other:
        msg = f"{word} must be item ids, which are texts, not {other[0]!r}"
        raise TypeError(msg)
    return list(dict.fromkeys(several))


def _by_id(
    word: str, given: Mapping[str, object] | None
) -> Iterable[tuple[str, object]]:
    if given is None:
        return ()
    if not isinstance(given, Mapping):
        msg = f"{word} must be a mapping by item id, not {type(given).__name__}"
        raise TypeError(msg)
    _ids(word, [*given])
    return given.items()


def _key(name: str, said: object) -> list[list[str]]:
    """The right answers: one option, several of which any will do, or sets of them."""
    answers = [said] if isinstance(said, str) else said
    if isinstance(answers, Iterable) and not isinstance(answers, Mapping):
        key = [_answer(name, one) for one in answers]
        if key:
            return key
    msg = f"rekey must give the right options of item {name!r}, not {said!r}"
    raise ValueError(msg)


def _answer(name: str, said: object) -> list[str]:
    options = [said] if isinstance(said, str) else said
    if isinstance(options, Iterable) and not isinstance(options, Mapping):
        answer = [*options]
        if answer and all(isinstance(one, str) for one in answer):
            return answer
    msg = f"rekey must give options of item {name!r} as texts, not {said!r}"
    raise ValueError(msg)


def _points(name: str, said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, Real | Decimal):
        msg = f"weights must give the points of item {name!r}, not {said!r}"
        raise TypeError(msg)
    return float(said)
