"""What one writes without the bridge: a proxy that puts a rubric's number on each step's reply.

    python python_proxy.py PORT ENVIRONMENT_PORT

uvloop and websockets with its C parts, no compression, one task a session; the protocol answers each request with one
reply, in order. Whatever the rubric raises becomes an error frame, as in the bridge.
"""

import json
import sys

import uvloop
from rewards import score
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

FAILED = json.dumps({"type": "error", "data": {"message": "reward unavailable", "code": "REWARD_FAILED"}})
LIMITS = {"compression": None, "max_size": 100 * 1024 * 1024}


def scored(request, text):
    """The reply to a step with the rubric's reward; any other reply as it is."""
    reply = json.loads(text)
    if reply["type"] != "observation":
        return text
    data = reply["data"]
    try:
        data["reward"] = float(score(request["data"], data["observation"]))
    except Exception:
        return FAILED
    return json.dumps(reply)


async def relay(client, url):
    async with connect(url, **LIMITS) as environment:
        try:
            async for text in client:
                request = json.loads(text)
                await environment.send(text)
                reply = await environment.recv()
                await client.send(scored(request, reply) if request["type"] == "step" else reply)
        except ConnectionClosed:
            pass


async def main(port, environment_port):
    url = f"ws://127.0.0.1:{environment_port}/ws"
    async with serve(lambda client: relay(client, url), "127.0.0.1", port, **LIMITS) as server:
        print("listening", flush=True)
        await server.serve_forever()


uvloop.run(main(*sys.argv[1:3]))
