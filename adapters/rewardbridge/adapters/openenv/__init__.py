"""The `openenv` adapter: see adapter.py."""
