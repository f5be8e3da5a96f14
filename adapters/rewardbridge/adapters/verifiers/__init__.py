"""Rubrics of verifiers before 0.4."""
