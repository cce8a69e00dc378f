"""A report in words, and what of it to look at: for a page and for a notebook."""
