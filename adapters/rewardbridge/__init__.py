"""The Python half of RewardBridge: adapters for reward libraries, and the worker that runs them."""

from rewardbridge.declare import rubric

__version__ = "0.1.0"
__all__ = ["__version__", "rubric"]
