"""Other systems' own figures and columns: one module for each system."""

from quizanalysis.conventions import canvas_classic, moodle, new_quizzes, r_ctt, r_psych
from quizanalysis.conventions._explain import explain

__all__ = ["canvas_classic", "explain", "moodle", "new_quizzes", "r_ctt", "r_psych"]
