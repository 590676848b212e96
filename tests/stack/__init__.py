"""Conflicts of real programs in real servers."""
