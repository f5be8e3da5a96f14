"""The rubric of every scored path: it looks at nothing and is worth 0.75, which no environment here gives."""


def score(action, observation):
    return 0.75
