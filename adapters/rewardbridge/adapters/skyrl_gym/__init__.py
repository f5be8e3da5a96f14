"""The `skyrl_gym` adapter: see adapter.py."""
