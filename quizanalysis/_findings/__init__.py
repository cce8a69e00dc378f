"""The rules of `quizanalysis.rules`, what they test against, and their words."""
