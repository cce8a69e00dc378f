"""Parts of the responses: some of the submissions, some of the cells of these."""

import numpy as np

from quizanalysis._counts.named import scored
from quizanalysis._intake.columns import Mask
from quizanalysis.responses import Responses


def kept(
    responses: Responses, submissions: Mask, cells: Mask | None = None
) -> Responses:
    """Keep some submissions, and of their responses all or some; all items stay."""
    here = submissions[responses.cells.submission]
    if cells is not None:
        here = here & cells
    return responses._part(  # noqa: SLF001  there is no public way to say which
        np.flatnonzero(submissions), np.flatnonzero(here)
    )


def drawn_once(responses: Responses) -> Responses:
    """Leave out the submissions to which an item was drawn twice."""
    twice = scored(responses).twice
    return kept(responses, ~twice) if twice.any() else responses
