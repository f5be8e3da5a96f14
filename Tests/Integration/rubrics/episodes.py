def total(record):
    """A tenth for each character that the policy wrote in the whole episode."""
    return sum(len(step.action["message"]) for step in record.steps if step.index > 0) / 10
