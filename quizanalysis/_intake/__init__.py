"""What comes in: tidy tables checked, and taken apart into columns."""
