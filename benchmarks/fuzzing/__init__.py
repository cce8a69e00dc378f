"""Damaged inputs of every kind, and the processes that survive them."""
