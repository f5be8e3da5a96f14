"""The `trl` adapter: see adapter.py."""
