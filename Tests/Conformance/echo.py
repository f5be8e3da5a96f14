"""Both ends that Autobahn needs besides itself, made with the `websockets` library.

echo.py server               an echo server; prints the port that it listens on
echo.py client URL AGENT     takes Autobahn's cases one by one, echoing what it gets
"""

import asyncio
import logging
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidMessage

PLAIN = {"compression": None, "max_size": None, "ping_interval": None}
"""The bridge declines compression, and every ping is the test suite's."""


async def echo(socket) -> None:
    try:
        async for message in socket:
            await socket.send(message)
    except ConnectionClosed:
        pass


async def server() -> None:
    async with serve(echo, "127.0.0.1", 0, **PLAIN) as listening:
        print(f"listening on {listening.sockets[0].getsockname()[1]}", flush=True)
        await listening.serve_forever()


async def client(url: str, agent: str) -> None:
    async with connect(f"{url}/getCaseCount", **PLAIN) as socket:
        count = int(await socket.recv())
    for case in range(1, count + 1):
        try:
            async with connect(f"{url}/runCase?case={case}&agent={agent}", **PLAIN) as socket:
                await echo(socket)
        except InvalidMessage:
            pass
    async with connect(f"{url}/updateReports?agent={agent}", **PLAIN):
        pass


if __name__ == "__main__":
    # That a peer broke the protocol is what is tested here.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    asyncio.run(server() if sys.argv[1] == "server" else client(*sys.argv[2:]))
