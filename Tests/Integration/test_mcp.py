"""MCP passes untouched on every road; only `call_tool` steps on /ws carry rewards, and no tool learns of them."""

import asyncio

from openenv import GenericEnvClient
from openenv.core.mcp_client import MCPToolClient

from support.bridge import scored
from support.client import RawClient, ask


def rpc(method: str, identifier=1, **params) -> dict:
    return {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}


CALLS = [
    rpc("tools/list"),
    rpc("tools/call", 2, name="add", arguments={"a": 1, "b": 2}),
    rpc("tools/call", "three", name="refuse", arguments={"why": "no"}),
    rpc("tools/call", 4, name="nowhere"),
    rpc("initialize", 5),
]


def over_http(url: str) -> list[bytes]:
    return [ask(url, "POST /mcp", call).body for call in CALLS]


def over_mcp_socket(url: str) -> list[bytes]:
    with RawClient(url, "/mcp") as client:
        replies = []
        for call in CALLS:
            client.send(call)
            replies.append(client.receive())
        client.close()
        return replies


def over_ws(url: str) -> list[bytes]:
    with RawClient(url) as client:
        replies = []
        for call in CALLS:
            client.send({"type": "mcp", "data": call})
            replies.append(client.receive())
        client.close()
        return replies


def test_every_road_is_byte_identical(servers, relays, bridges):
    watched = bridges(scored(servers("tools"), "tools.py:sum_is_three", breakdown=True))
    for road in (over_http, over_mcp_socket, over_ws):
        direct = road(servers("tools"))
        assert b'"structured_content"' in direct[1] and b"-32603" in direct[2]
        assert road(relays("tools")) == direct
        assert road(watched.url) == direct, "a rubric is attached, and MCP stays free of it"


async def tool_client(url: str) -> list:
    """The real MCP client: a session made over HTTP, a socket that attaches to it, tools over HTTP."""
    async with MCPToolClient(base_url=url) as client:
        await client.reset(episode_id="m1")
        names = [tool.name for tool in await client.list_tools()]
        total = await client.call_tool("add", a=2, b=3)
        try:
            await client.call_tool("refuse", why="no")
        except Exception as error:
            refused = str(error)
        state = await client.state()
        return [names, total, refused, state.episode_id, state.step_count]


def test_the_tool_client(servers, relays):
    direct = asyncio.run(tool_client(servers("tools")))
    assert direct[0] == ["add", "refuse"] and direct[1] == 5
    assert asyncio.run(tool_client(relays("tools"))) == direct


def test_tool_calls_as_steps_are_scored_and_listing_is_not(servers, bridges):
    bridge = bridges(scored(servers("tools"), "tools.py:sum_is_three"))
    with GenericEnvClient(base_url=bridge.url).sync() as client:
        client.reset()
        listed = client.step({"type": "list_tools"})
        assert {tool["name"] for tool in listed.observation["tools"]} == {"add", "refuse"}
        assert listed.reward is None
        add = {"type": "call_tool", "tool_name": "add"}
        assert client.step({**add, "arguments": {"a": 1, "b": 2}}).reward == 1.0
        assert client.step({**add, "arguments": {"a": 1, "b": 1}}).reward == 0.0
        failed = client.step({"type": "call_tool", "tool_name": "refuse", "arguments": {"why": "no"}})
        assert failed.observation["error"]["error_type"] == "execution_error" and failed.reward == 0.0
