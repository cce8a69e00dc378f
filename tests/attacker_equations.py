"""Linear equations in whole numbers, and what has one value in all their solutions."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

WHOLE = ""
"""Stands for all sections together."""

_SECONDS = 1.0
_SWEEPS = 8
_SAME = 1e-4


class ContradictionError(Exception):
    """What was published has no solution: the attacker is mistaken somewhere."""


class Equations:
    """Variables by any key, each with bounds, and sums of them that are known.

    ``undecided`` counts the problems that took too long: nothing is proved by them.
    """

    def __init__(self):
        self.place, self.low, self.high, self.whole = {}, [], [], []
        self.sums = []
        self.undecided = 0

    def let(self, key, low=0.0, high=np.inf, *, whole=True):
        """Declare a variable, or narrow it further."""
        if key not in self.place:
            self.place[key] = len(self.low)
            self.low.append(-np.inf)
            self.high.append(np.inf)
            self.whole.append(whole)
        at = self.place[key]
        self._narrow(at, low, high)

    def add(self, terms, low, high=None):
        """Let a sum of {key: coefficient} be between two numbers, or one number."""
        some = {key: factor for key, factor in terms.items() if factor}
        at = np.array([self.place[key] for key in some], int)
        factor = np.array([*some.values()], float)
        self.sums.append((at, factor, low, low if high is None else high))

    def proved(self, wanted):
        """Find the variables that all solutions agree on, with their values."""
        for _ in range(_SWEEPS):
            if not self._swept():
                break
        low, high = np.array(self.low), np.array(self.high)
        fixed = high - low < 1e-9
        value, known = low.copy(), fixed.copy()
        asked = np.zeros(len(low), bool)
        asked[[self.place[key] for key in wanted]] = True
        for part in self._parts(fixed):
            self._settle(part, asked[part], value, known)
        found = {}
        for key in wanted:
            at = self.place[key]
            if known[at]:
                found[key] = float(np.rint(value[at]) if self.whole[at] else value[at])
        return found

    # ---- bounds of each from those of the others

    def _narrow(self, at, low, high):
        if self.whole[at]:
            low = np.ceil(low - 1e-6) if np.isfinite(low) else low
            high = np.floor(high + 1e-6) if np.isfinite(high) else high
        before = self.low[at], self.high[at]
        self.low[at], self.high[at] = max(before[0], low), min(before[1], high)
        if self.low[at] > self.high[at] + 1e-6:
            msg = "a count has no value left"
            raise ContradictionError(msg)
        return (self.low[at], self.high[at]) != before

    def _swept(self):
        """Narrow every variable by each sum it is in; whether anything was gained."""
        gained = False
        for at, factor, least, most in self.sums:
            low = np.array([self.low[i] for i in at])
            high = np.array([self.high[i] for i in at])
            if len(at) > 1 and (high - low < 1e-9).all():
                continue
            up = factor > 0
            ends = np.where(up, low, high) * factor, np.where(up, high, low) * factor
            for sign, mine, goal in ((1, 0, most), (-1, 1, least)):
                if not np.isfinite(goal):
                    continue
                infinite = ~np.isfinite(ends[mine])
                if infinite.sum() > 1:
                    continue
                total = ends[mine][~infinite].sum()
                for i in (
                    np.flatnonzero(infinite) if infinite.any() else np.arange(len(at))
                ):
                    rest = goal - (total - (0 if infinite[i] else ends[mine][i]))
                    bound = rest / factor[i]
                    bound += 1e-7 * (1 if sign * factor[i] > 0 else -1)
                    upper = sign * factor[i] > 0
                    if abs(bound - (self.high if upper else self.low)[at[i]]) < 1e-5:
                        continue
                    gained |= self._narrow(
                        at[i], *((-np.inf, bound) if upper else (bound, np.inf))
                    )
        return gained

    # ---- what is left: whole-number programs, one for each part that hangs together

    def _parts(self, fixed):
        row, column, factor = [], [], []
        for i, (at, by, _, _) in enumerate(self.sums):
            row += [i] * len(at)
            column += at.tolist()
            factor += by.tolist()
        shape = (max(1, len(self.sums)), len(self.low))
        self.matrix = csc_array((factor, (row, column)), shape=shape)
        free = np.flatnonzero(~fixed)
        if not len(free):
            return
        some = self.matrix[:, free]
        graph = abs(some.T) @ abs(some)
        _, label = connected_components(csr_array(graph), directed=False)
        for part in range(label.max() + 1):
            yield free[label == part]

    def _settle(self, part, asked, value, known):
        """Solve for a random goal and its opposite until they agree on what is left.

        When the least and the greatest value of a random sum of variables are the same
        everywhere, no two solutions differ in these variables.
        """
        if not asked.any():
            return
        block = self.matrix[:, part]
        rows = np.flatnonzero(np.diff(csr_array(block).indptr))
        low, high = np.array(self.low), np.array(self.high)
        fixed = (high - low) < 1e-9
        base = csr_array(self.matrix)[rows] @ np.where(fixed, low, 0.0)
        ends = np.array([self.sums[i][2:] for i in rows]).reshape(-1, 2)
        sums = LinearConstraint(
            csr_array(block)[rows], ends[:, 0] - base, ends[:, 1] - base
        )
        program = {
            "integrality": np.array(self.whole, int)[part],
            "bounds": Bounds(low[part], high[part]),
            "constraints": [sums] if len(rows) else [],
            "options": {"time_limit": _SECONDS, "mip_rel_gap": 0.0},
        }
        rng = np.random.default_rng(0)
        # A count without a bound has no one value.
        alive = asked & np.isfinite(low[part]) & np.isfinite(high[part])
        while alive.any():
            goal = (
                rng.uniform(0.1, 1, len(part)) * rng.choice([-1, 1], len(part)) * alive
            )
            one, two = self._solved(goal, program), self._solved(-goal, program)
            if one is None or two is None:
                return
            differ = alive & (np.abs(one - two) > _SAME * (1 + np.abs(one)))
            if not differ.any():
                value[part[alive]], known[part[alive]] = one[alive], True
                return
            alive &= ~differ

    def _solved(self, goal, program):
        found = milp(goal, **program)
        if found.status == 2:
            msg = "no numbers fit what was published"
            raise ContradictionError(msg)
        if found.status != 0:
            self.undecided += 1
            return None
        return found.x
