"""The `atropos` adapter: see adapter.py."""
