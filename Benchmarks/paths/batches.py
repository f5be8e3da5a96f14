"""The same score one by one and in lists. As with a model or a table, most of a call's cost does not grow with its
records."""

from rewardbridge import rubric


def lookup():
    """Stands for what is done once a call."""
    return {str(number): number for number in range(2_000)}


@rubric(shape="text")
def each(completion):
    return 0.75 if completion not in lookup() else 0.0


@rubric(shape="batch", elementwise=True, batch_max=64)
def together(prompts, completions):
    known = lookup()
    return [0.75 if completion not in known else 0.0 for completion in completions]
