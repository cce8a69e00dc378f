"""``python -m benchmarks.privacy``: how many hidden counts an attacker proves.

Random classes of 12 to 60 students are reported under a `min_cell`; the attacker of the
tests has all that one report publishes. With ``--joint`` it has several reports of the
same students, against which `min_cell` promises nothing: how much they tell together.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from attacker import ATTACKS, WHOLE, is_secret, prove, told
from attacker_classes import Room, classes, published, secrets
from attacker_equations import ContradictionError

Secrets = dict[Any, float]
Outcome = tuple[Secrets, Secrets, Secrets, int]
"""What had to stay hidden, what of it was found, what was wrong, what took too long."""


def attacked(known: Any, truth: Secrets, least: int, uses: tuple[str, ...]) -> Outcome:
    """What an attack finds of one class."""
    secret = {key: n for key, n in truth.items() if is_secret(key, truth, least)}
    found, undecided = prove(known, uses)
    right, wrong = told(found, truth, least)
    return secret, right, wrong, undecided


# ---- several reports together --------------------------------------------------------


def one_by_one(room: Room, least: int) -> Outcome:
    """Tables that were hidden each by itself, not as one report."""
    known = published(room, least, outright=False)
    return attacked(known, secrets(room), least, ATTACKS)


def two_limits(room: Room, least: int) -> Outcome:
    """The report once more with half of the limit; what is below that is secret."""
    low = max(2, least // 2)
    known = together(published(room, least), published(room, low))
    return attacked(known, secrets(room), low, ATTACKS)


def halves(room: Room, least: int) -> Outcome:
    """Reports of the first and of the other half beside that of the whole."""
    part = (np.arange(len(room.section)) * 2 >= len(room.section)).astype(int)
    whole = replace(room, section=np.zeros_like(part), earlier=0)
    known = published(whole, least)
    for one in (0, 1):
        own = published(whole.of(part == one), least)
        for (_, item), row in own.rows.items():
            known.rows[f"section {one}", item] = row
    truth = secrets(replace(whole, section=part))
    return attacked(known, truth, least, ATTACKS)


def one_more(room: Room, least: int) -> Outcome:
    """The report before and after the last student joined: what that one did."""
    before = replace(room, earlier=0).of(np.arange(len(room.section)) > 0)
    proofs = [prove(published(one, least), ATTACKS) for one in (before, room)]
    truths = [secrets(before), secrets(room)]
    secret, found, wrong = {}, {}, {}
    for j, item in enumerate(room.about):
        key = ("items", (WHOLE, item), "right")
        secret[key] = 1
        if all(key in proof for proof, _ in proofs):
            step = proofs[1][0][key] - proofs[0][0][key]
            true = truths[1][key] - truths[0][key]
            (found if step == true else wrong)[key] = step
            assert true == (room.score[0, j] == room.items[j].points)
    return secret, found, wrong, sum(undecided for _, undecided in proofs)


def together(one: Any, two: Any) -> Any:
    """Take each figure from the report that shows it."""
    tables = {
        name: [
            _shown(*rows)
            for rows in zip(getattr(one, name), getattr(two, name), strict=True)
        ]
        for name in ("options", "traces", "exclusions")
    }
    rows = {place: _shown(row, two.rows[place]) for place, row in one.rows.items()}
    summary = _shown(one.summary, two.summary)
    return replace(one, rows=rows, summary=summary, **tables)


def _shown(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    return {key: two[key] if one[key] is None else one[key] for key in one}


JOINT: dict[str, Callable[[Room, int], Outcome]] = {
    "tables hidden one by one": one_by_one,
    "two values of min_cell": two_limits,
    "two halves beside the whole": halves,
    "before and after one joins": one_more,
}


# ---- the table -----------------------------------------------------------------------


def lines(
    name: str, seeds: range, attack: Callable[[Room], Outcome], *, by_kind: bool
) -> Iterator[str]:
    """Attack all classes; a line of their sums, and one for each kind of secret."""
    sums, secret, found = Counter[str](), Counter[str](), Counter[str]()
    for seed in seeds:
        try:
            hidden, seen, wrong, undecided = attack(classes(seed))
        except ContradictionError as error:
            print(f"class {seed}: {error}", file=sys.stderr)
            sums["odd"] += 1
            continue
        secret.update(f"{table} {kind}" for table, _, kind in hidden)
        found.update(f"{table} {kind}" for table, _, kind in seen)
        sums["wrong"] += len(wrong)
        sums["undecided"] += undecided
        sums["classes"] += bool(seen)
    numbers = (secret.total(), found.total(), sums["classes"])
    numbers += (sums["wrong"], sums["undecided"], sums["odd"])
    yield f"{name:<30}" + "".join(f"{n:>10,}" for n in numbers)
    if by_kind:
        for kind in sorted(secret):
            yield f"  {kind:<28}{secret[kind]:>10,}{found[kind]:>10,}"


def main() -> None:
    """Print one row per attack."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.privacy")
    parser.add_argument("--classes", type=int, default=60)
    parser.add_argument("--min-cell", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="of the first class")
    parser.add_argument("--joint", action="store_true", help="several reports together")
    parser.add_argument("--all", action="store_true", help="no attack by itself")
    options = parser.parse_args()
    seeds, least = range(options.seed, options.seed + options.classes), options.min_cell

    def attack(uses: tuple[str, ...]) -> Callable[[Room], Outcome]:
        return lambda room: attacked(published(room, least), secrets(room), least, uses)

    print(f"{len(seeds):,} classes, min_cell {least}\n")
    heads = ("secrets", "found", "classes", "wrong", "undecided", "odd")
    print(f"{'attack':<30}" + "".join(f"{head:>10}" for head in heads))
    if options.joint:
        for name, joint in JOINT.items():
            for line in lines(
                name, seeds, lambda r, j=joint: j(r, least), by_kind=False
            ):
                print(line, flush=True)
        return
    for one in () if options.all else ATTACKS:
        for line in lines(one, seeds, attack((one,)), by_kind=False):
            print(line, flush=True)
    for line in lines("all together", seeds, attack(ATTACKS), by_kind=True):
        print(line, flush=True)


if __name__ == "__main__":
    main()
