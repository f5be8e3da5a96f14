"""Plays two episodes with the environment's own typed client: python examples/play.py URL PACKAGE

PACKAGE is what `openenv init NAME` made; its folder is on PYTHONPATH. Nothing here knows of the bridge but the reset
key `rewardbridge`, which says the gold answer, and the metadata that is printed.
"""

import sys
from importlib import import_module


def play(client, action, answer: str, messages: list[str]) -> None:
    client.reset(episode_id=f"the answer is {answer}", rewardbridge={"answer": answer})
    for message in messages:
        result = client.step(action(message=message))
        found = result.metadata["rewardbridge"]
        where = f"session {found['session_id']}  episode {found['episode']}  step {found['step']}"
        print(f"{where}  {message!r:24} {found['rubric']}: {result.reward}")


def main(url: str, package: str) -> None:
    module, prefix = import_module(package), package.capitalize()
    environment, action = getattr(module, f"{prefix}Env"), getattr(module, f"{prefix}Action")
    with environment(base_url=url).sync() as client:
        play(client, action, "Paris", ["is it Lyon, perhaps?", "Paris", "Paris"])
        play(client, action, "8", ["8"])


if __name__ == "__main__":
    main(*sys.argv[1:])
