"""What is read off the counts: figures, and why one is missing."""
