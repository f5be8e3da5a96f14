"""A short life of a GenericEnvClient at each URL: python peers/steps.py URL... Runs with every version of openenv."""

import asyncio
import json
import sys

try:
    from openenv import GenericEnvClient
except ImportError:
    from openenv.core import GenericEnvClient


def plain(result) -> dict:
    fields = ("observation", "reward", "done", "metadata")
    return {name: getattr(result, name) for name in fields if hasattr(result, name)}


async def transcript(url: str) -> list:
    lines = []
    async with GenericEnvClient(base_url=url) as client:
        lines.append(plain(await client.reset(seed=7, episode_id="episode-a", difficulty="hard")))
        lines.append(plain(await client.step({"message": "abc", "reward": 0.25})))
        lines.append(plain(await client.step({"message": "abcde", "note": {"k": 1}})))
        try:
            await client.step({"fail": "the game crashed"})
        except RuntimeError as error:
            lines.append(str(error))
        try:
            await client.step({"size": "many"})
        except RuntimeError as error:
            lines.append(str(error))
        lines.append(plain(await client.step({"message": "end", "reward": 1.0, "done": True})))
        lines.append(await client.state())
        lines.append(plain(await client.reset(episode_id="episode-b")))
        lines.append(plain(await client.step({"message": "again"})))
    async with GenericEnvClient(base_url=url) as client:
        lines.append(plain(await client.step({"message": "before any reset"})))
    return lines


if __name__ == "__main__":
    print(json.dumps([asyncio.run(transcript(url)) for url in sys.argv[1:]]))
