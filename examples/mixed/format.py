"""Whether the answer stands in a box, once: cheap, so it is a gate before the libraries."""

from rewardbridge import rubric


@rubric(shape="text", bounded=True, placement_free=True, deterministic=True, range=[0, 1])
def boxed(completion):
    return float(completion.count("\\boxed{") == 1)
