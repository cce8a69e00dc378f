"""What is counted: integers that add exactly, in any order."""
