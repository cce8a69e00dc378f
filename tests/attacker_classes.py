"""Random classes, what a report gives away of them, and what it must not tell."""

import contextlib
import io
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.csv

import quizanalysis as qa
from quizanalysis.adapters import cli
from quizanalysis.page import page

WHOLE = ""
"""Stands for all sections together."""

GRADED, BLANK, WAITING, NOT_SHOWN = range(4)
GROUPS = 3
TAIL = 0.27
_ANSWERS = "ABCDEFGHIJKL"


@dataclass(frozen=True)
class Item:
    """What everybody knows of an item: its points, and its answers if declared."""

    points: int
    half: bool = False
    declared: bool = True
    n_options: int = 4


@dataclass(frozen=True)
class Room:
    """A class: who chose what, in which state, of which section. Option 0 is right."""

    items: tuple[Item, ...]
    choice: np.ndarray
    state: np.ndarray
    section: np.ndarray
    earlier: int = 0

    @property
    def about(self):
        """The items by their ids."""
        return {f"q{j}": item for j, item in enumerate(self.items)}

    @property
    def sections(self):
        return sorted({*self.section.tolist()})

    @property
    def several(self):
        return len(self.sections) > 1

    @property
    def tells_more(self):
        """Whether more was read than is analysed."""
        return self.earlier > 0 or not self.scored.any(axis=1).all()

    @property
    def score(self):
        points = np.array([item.points for item in self.items])
        half = np.array([item.points // 2 if item.half else 0 for item in self.items])
        answered = self.state == GRADED
        right, part = answered & (self.choice == 0), answered & (self.choice == 1)
        return right * points + part * half

    @property
    def scored(self):
        return self.state <= BLANK

    def responses(self):
        """The class as the library reads it."""
        rows = self.rows()
        options = [
            [
                {"id": o, "text": o, "correct": o == "A"}
                for o in _ANSWERS[: one.n_options]
            ]
            if one.declared
            else []
            for one in self.items
        ]
        about = {
            "item_id": [f"q{j}" for j in range(len(self.items))],
            "points_possible": [float(one.points) for one in self.items],
            "options": options,
        }
        people = {
            "student_id": [f"s{i}" for i in range(len(self.section))],
            "section_names": [[f"section {one}"] for one in self.section],
        }
        return qa.Responses.from_arrow(rows, pa.table(about), pa.table(people))

    def of(self, who):
        """Some of the students only."""
        some = self.choice[who], self.state[who], self.section[who]
        return Room(self.items, *some, min(self.earlier, len(some[0])))

    def rows(self):
        """One row per answer."""
        status = {BLANK: "not_attempted", WAITING: "not_graded"}
        score = self.score
        rows = [
            {
                "student_id": f"s{i}",
                "attempt": 2,
                "item_id": f"q{j}",
                "response": _ANSWERS[self.choice[i, j]] if state == GRADED else None,
                "score": None if state == WAITING else float(score[i, j]),
                "status": status.get(state, "graded"),
            }
            for (i, j), state in np.ndenumerate(self.state)
            if state != NOT_SHOWN
        ]
        first = {"attempt": 1, "item_id": "q0", "response": "A"}
        first |= {"score": float(self.items[0].points), "status": "graded"}
        rows += [{"student_id": f"s{i}", **first} for i in range(self.earlier)]
        return pa.Table.from_pylist(rows)


@dataclass
class Published:
    """All that one report gives away, as plain rows, and what everybody knows."""

    items: dict[str, Item]
    rows: dict[tuple[str, str], dict] = field(default_factory=dict)
    summary: dict = field(default_factory=dict)
    options: list[dict] = field(default_factory=list)
    traces: list[dict] = field(default_factory=list)
    exclusions: list[dict] = field(default_factory=list)
    bars: list[tuple[float, float, int]] = field(default_factory=list)
    account: dict[str, int] = field(default_factory=dict)

    @property
    def sections(self):
        """All but the whole."""
        return sorted({section for section, _ in self.rows} - {WHOLE})


def classes(seed):
    """A class of 12 to 60 students with some of what makes counts small."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(12, 61)), int(rng.choice([5, 10, 20]))
    partial, unequal = rng.random() < 0.25, rng.random() < 0.2
    items = []
    for j in range(k):
        tailed = rng.random() < 0.2
        items.append(
            Item(
                points=2
                if partial and j == 1
                else int(rng.integers(1, 4))
                if unequal
                else 1,
                half=partial and j == 1,
                declared=not tailed or rng.random() < 0.5,
                n_options=10 if tailed else 4,
            )
        )
    ability = rng.normal(0, 1, (n, 1))
    share = rng.uniform(0.3, 0.97, k)
    right = rng.random((n, k)) < 1 / (
        1 + np.exp(-np.log(share / (1 - share)) - ability)
    )
    most = np.array([one.n_options for one in items])
    other = 1 + np.floor(rng.beta(1, 2, (n, k)) * (most - 1)).astype(int)
    choice = np.where(right, 0, other)
    state = np.zeros((n, k), int)
    if rng.random() < 1 / 3:
        odds = rng.uniform(0, 0.25, k)
        missing = rng.random((n, k)) < odds
        state[missing] = rng.choice([BLANK, WAITING, NOT_SHOWN], (n, k))[missing]
        state[: int(rng.integers(0, 4))] = WAITING
        state[(state == NOT_SHOWN).all(axis=1), 0] = GRADED
    section = np.zeros(n, int)
    if rng.random() < 1 / 3:
        parts = rng.dirichlet(np.full(int(rng.integers(2, 5)), 2.0))
        section = rng.choice(len(parts), n, p=parts)
    earlier = int(rng.integers(1, 7)) if rng.random() < 1 / 4 else 0
    return Room(tuple(items), choice, state, section, min(earlier, n))


def published(room, least, *, outright=True):
    """Gather what `analyze`, the other tables, the page and the command give away.

    Without `outright` the tables are hidden one by one, rather than by `analyze`.
    """
    responses = room.responses()
    report = qa.analyze(responses, min_cell=least if outright else None)
    tables = {
        name: getattr(report, name)
        for name in ("summary", "item_analysis", "option_analysis", "exclusions")
    }
    if not outright:
        tables = {name: qa.suppressed(table, least) for name, table in tables.items()}
    traces = qa.suppressed(qa.option_traces(responses, groups=GROUPS), least)
    rows = {(WHOLE, row["item_id"]): row for row in tables["item_analysis"].to_pylist()}
    if room.several:
        table = qa.suppressed(qa.item_analysis_by_section(responses), least)
        rows |= {(row["section"], row["item_id"]): row for row in table.to_pylist()}
    return Published(
        room.about,
        rows,
        tables["summary"].to_pylist()[0],
        tables["option_analysis"].to_pylist(),
        traces.to_pylist(),
        tables["exclusions"].to_pylist(),
        _bars(page(responses, min_cell=least)),
        account(room, least) if room.tells_more else {},
    )


def plain(room):
    """The rows with nothing hidden, for what a test takes out of them."""
    responses = room.responses()
    report = qa.analyze(responses)
    rows = {(WHOLE, row["item_id"]): row for row in report.item_analysis.to_pylist()}
    if room.several:
        table = qa.item_analysis_by_section(responses).to_pylist()
        rows |= {(row["section"], row["item_id"]): row for row in table}
    summary, options = report.summary.to_pylist()[0], report.option_analysis.to_pylist()
    return Published(room.about, rows, summary, options)


def account(room, least):
    """What the command says it has read, in numbers."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "class.csv"
        pa.csv.write_csv(room.rows(), file)
        told, out = io.StringIO(), io.TextIOWrapper(io.BytesIO())
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(out):
            cli.main(["summary", str(file), "--min-cell", str(least)])
    found = re.search(r"([\d,]+) submissions? of ([\d,]+) students?", told.getvalue())
    if not found:
        return {}
    names = ("submissions", "students")
    return {
        name: int(n.replace(",", ""))
        for name, n in zip(names, found.groups(), strict=True)
    }


def _bars(text):
    """The lowest and highest whole score of each bar of the page, and its students."""
    found = []
    for low, below, high, n in re.findall(
        r'<th scope="row">([\d.,-]+)(?: to (below )?([\d.,-]+))?</th>'
        r'<td data-quiz="\d+" data-bin="\d+">([\d,]+)</td>',
        text,
    ):
        first, last, count = (float(x.replace(",", "")) for x in (low, high or low, n))
        found.append((first, last - bool(below), int(count)))
    return found


# ---- what must not be told -----------------------------------------------------------


def secrets(room):
    """All counts of people behind a report, from the raw data."""
    found = {}
    own = room.scored.any(axis=1)
    units = {WHOLE: np.ones(len(own), bool)}
    if room.several:
        units |= {f"section {s}": room.section == s for s in room.sections}
    for unit, who in units.items():
        found |= _of_items(room, unit, who)
    found |= _of_options(room)
    found["summary", (), "lacking"] = (
        int(own.sum()) - found["items", (WHOLE,), "n_complete"]
    )
    total = room.score.sum(axis=1)[own]
    if len(total):
        for name, value in (("min", total.min()), ("max", total.max())):
            found["summary", (), name] = int(value)
            found["summary", (), f"n_{name}"] = int((total == value).sum())
    found["exclusions", ("submissions",), "earlier"] = room.earlier
    found["exclusions", ("submissions",), "nothing graded yet"] = int((~own).sum())
    return found


def _of_items(room, unit, who):
    found, score, state = {}, room.score[who], room.state[who]
    anybody = room.scored[who].any(axis=0)
    complete = (
        int(room.scored[who][:, anybody].all(axis=1).sum()) if anybody.any() else 0
    )
    found["items", (unit,), "n_complete"] = complete
    found["items", (unit,), "lacking"] = int(who.sum()) - complete
    for j, item in enumerate(room.items):
        scored = state[:, j] <= BLANK
        right = int((scored & (score[:, j] == item.points)).sum())
        half = (
            int((scored & (score[:, j] == item.points / 2)).sum()) if item.half else 0
        )
        counts = {
            "n": int(scored.sum()),
            "n_blank": int((state[:, j] == BLANK).sum()),
            "n_not_shown": int((state[:, j] == NOT_SHOWN).sum()),
            "n_not_graded": int((state[:, j] == WAITING).sum()),
            "right": right,
            "half": half,
            "wrong": (wrong := int(scored.sum()) - right - half),
            "fewer": min(right, wrong),
        }
        found |= {("items", (unit, f"q{j}"), name): n for name, n in counts.items()}
    return found


def _of_options(room):
    found, total = {}, room.score.sum(axis=1)
    for j in range(len(room.items)):
        own = room.scored[:, j]
        ends = _tails(total[own])
        groups = dict(zip(("n_upper", "n_middle", "n_lower"), ends, strict=True))
        thirds = _shares(total[own])
        answered = (room.state[:, j] == GRADED)[own]
        found["options", (f"q{j}",), "nobody"] = int((~answered).sum())
        for o, letter in enumerate(_ANSWERS):
            mine = answered & (room.choice[own, j] == o)
            place = (f"q{j}", letter)
            found["options", place, "n"] = int(mine.sum())
            if mine.all():
                continue  # these groups are those of the item, which n alone tells
            counts = {
                ("options", place, name): w[mine].sum() for name, w in groups.items()
            }
            for g, weight in enumerate(thirds, 1):
                counts["traces", (*place, g), "n"] = weight[mine].sum()
            # A part of a student, where totals tie, is nobody's secret.
            found |= {
                key: round(n) for key, n in counts.items() if abs(n - round(n)) < 1e-6
            }
    return found


def _overlap(total, begin, end):
    """The share of each total that stands between two places of the order."""
    value, which, count = np.unique(total, return_inverse=True, return_counts=True)
    high = np.cumsum(count)
    inside = np.minimum(high, end) - np.maximum(high - count, begin)
    return (np.maximum(inside, 0) / count)[which] if len(value) else np.zeros(0)


def group_size(n):
    """Students in the upper and in the lower group."""
    return min(max(1, int(TAIL * n + 0.5 + 1e-9)), n // 2)


def _tails(total):
    n, size = len(total), group_size(len(total))
    upper, lower = _overlap(total, n - size, n), _overlap(total, 0, size)
    return upper, 1 - upper - lower, lower


def _shares(total):
    cuts = np.linspace(0, len(total), GROUPS + 1)
    return [_overlap(total, *ends) for ends in pairwise(cuts)]
