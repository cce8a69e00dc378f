"""The rules of `quizanalysis.findings`, what they test against, and their words."""
