"""How code is called: what adapters share."""
