"""The simplest rubric: a function of the action and the observation, both plain JSON."""


def brevity(action, observation):
    """1 for a message of up to ten characters, less for each further one."""
    return 10 / max(10, len(action["message"]))
