"""A text rubric: the bridge's view makes `completion` and `answer` of what passed on the wire."""

from rewardbridge import rubric


@rubric(shape="text", range=[0, 1])
def exact_match(completion, answer):
    """The gold answer never reaches the environment: it comes with the reset, and stays in the bridge."""
    return 1.0 if completion.strip().lower() == str(answer).strip().lower() else 0.0
