"""The worker: one component behind the protocol of RFC 002. `python -m rewardbridge.worker`, with a socket as fd 3."""
