"""Compares ways to an environment on one machine: see ../README.md."""
