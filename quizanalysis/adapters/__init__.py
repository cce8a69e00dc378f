"""Ways to run the library from outside; each imports the package root only."""
