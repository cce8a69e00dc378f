"""What findings are tested against: our own thresholds, and those of other systems."""

from dataclasses import dataclass, fields

__all__ = ["Thresholds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where a figure becomes a matter to look at.

    The defaults are wide, since a whole interval must lie beyond them: they mark what
    hardly anybody would defend, not what could be better.

    Attributes
    ----------
    easy : float
        Share of the points, 0 to 1. Above 0.9 fewer than one in ten lose them, and an
        item tells hardly anybody apart.
    hard : float
        Share of the points, 0 to 1. Below 0.2 there are fewer than blind guessing among
        five options gives.
    discrimination : float
        Corrected point-biserial, -1 to 1. Below 0.1 an item adds next to nothing to the
        total; Blackboard calls it poor, too.
    efficiency : float, optional
        0 to 1, in the place of `discrimination`: the corrected point-biserial as a part
        of the greatest that the item could have, if its scores met the totals of the
        other items in order of rank. Moodle calls it discriminative efficiency. It
        spares items that are so easy or so hard that they cannot discriminate much.
    blank : float
        Share of the responses, 0 to 1, left blank.
    blank_rise : float
        How much larger that share is in the last quarter of the items.
    distractor : float
        Part of an option's fair share of the wrong answers, 0 to 1: with three wrong
        options that is one third, and an option that would have less than half of it
        does not look right to anybody.

    Raises
    ------
    ValueError
        When one is out of its range, or `hard` not below `easy`.

    Examples
    --------
    >>> Thresholds.blackboard().easy, Thresholds(easy=0.85).hard
    (0.8, 0.2)
    """

    easy: float = 0.9
    hard: float = 0.2
    discrimination: float = 0.1
    efficiency: float | None = None
    blank: float = 0.1
    blank_rise: float = 0.05
    distractor: float = 0.5

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.name == "efficiency":
                continue
            least = -1 if field.name == "discrimination" else 0
            if not isinstance(value, int | float) or not least <= value <= 1:
                msg = f"{field.name} must be from {least} to 1, not {value!r}"
                raise ValueError(msg)
        if self.hard >= self.easy:
            msg = f"hard must be below easy, not {self.hard} and {self.easy}"
            raise ValueError(msg)

    @classmethod
    def blackboard(cls) -> "Thresholds":
        """Easy above 80 %, hard below 30 %, poor discrimination below 0.1.

        As Blackboard Learn's Item Analysis puts items under "needs review" (Baylor
        College of Medicine's guide to it); its discrimination is the correlation with
        the whole total, ours is with the rest. From 0.3 it calls it good, which is
        nothing to look at.
        """
        return cls(easy=0.8, hard=0.3, discrimination=0.1)

    @classmethod
    def akindi(cls) -> "Thresholds":
        """To be improved below a point-biserial of 0.20, and a problem below 0.

        The latter is ``discriminates_negatively``. From Akindi's help, article 928018;
        its correlation is with the whole total.
        """
        return cls(discrimination=0.2)

    @classmethod
    def ans(cls) -> "Thresholds":
        """Poor below a correlation of 0.20 with the rest (*Rir*).

        From the help of Ans, article 360027234814, which has 0.20 to 0.29 as doubtful,
        0.30 to 0.39 as good and more as very good.
        """
        return cls(discrimination=0.2)

    @classmethod
    def moodle(cls) -> "Thresholds":
        """Extremely easy from 95 %, very difficult up to 10 %, efficiency below 15 %.

        The first two are ranges of the facility index, our difficulty, in Moodle's
        documentation of its quiz statistics; questions with a discriminative efficiency
        below 15 % are marked by its page. `findings` needs the responses for that.
        """
        return cls(easy=0.95, hard=0.1, efficiency=0.15)

    @classmethod
    def schoology(cls) -> "Thresholds":
        """High above 75 % of the points, low below 50 %.

        From PowerSchool's documentation of Schoology's Assessment Summary.
        """
        return cls(easy=0.75, hard=0.5)
