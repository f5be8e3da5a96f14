"""The episodes that every consumer's loop plays: messages in order, the last one ends the episode."""

INTENDED = 0.9
"""What the rubrics of the consumer tests give for GOOD: a tenth for each character."""

GOOD = ["abc", "abcde", "x"]
FAILING = ["abc", "boom", "x"]


def actions(messages: list[str]) -> list[dict]:
    last = len(messages) - 1
    return [{"message": message, "done": index == last} for index, message in enumerate(messages)]
