"""OpenReward's environments (the Open Reward Standard)."""
