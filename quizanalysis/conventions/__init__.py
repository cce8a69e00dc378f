"""Other systems' own figures and columns: one module for each system."""

from quizanalysis.conventions import canvas_classic, moodle, new_quizzes, r_ctt, r_psych

__all__ = ["canvas_classic", "moodle", "new_quizzes", "r_ctt", "r_psych"]
