"""The `verl` adapter: see adapter.py."""
