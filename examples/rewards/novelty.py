"""A rubric with a memory: the bridge makes one instance for each episode."""

from rewardbridge import rubric


@rubric(range=[0, 1])
class Novelty:
    """1 for a message that the episode has not seen, and half as much each time it comes again."""

    def __init__(self, decay=0.5):
        self.decay = decay
        self.seen = {}

    def score(self, action, observation):
        times = self.seen.get(action["message"], 0)
        self.seen[action["message"]] = times + 1
        return self.decay**times
