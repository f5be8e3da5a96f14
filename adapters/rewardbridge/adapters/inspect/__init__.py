"""Scorers of Inspect."""
