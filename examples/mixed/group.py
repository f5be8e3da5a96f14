"""A group rubric: among the rollouts of one task, the shortest completion is worth 1, the longest 0."""

from rewardbridge import rubric


@rubric(unit="group", range=[0, 1])
def brevity(prompts, completions):
    lengths = [len(each) for each in completions]
    shortest, longest = min(lengths), max(lengths)
    return [1.0 if longest == shortest else (longest - each) / (longest - shortest) for each in lengths]
