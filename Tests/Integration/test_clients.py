"""Real clients of every kind through the bridge: nothing changes for them but the reward."""

import asyncio
import copy

import pytest
from openenv import GenericEnvClient

from peers.steps import transcript
from peers.typed import PickingClient, StrictClient
from support.bridge import scored
from support.process import ROOT
from support.venvs import run_peer

PEERS = {"openenv-core 0.3.0": ".venv-openenv03", "openenv 0.4.1": ".venv-verifiers"}


def generic(url: str) -> list:
    return asyncio.run(transcript(url))


def with_lengths(direct: list) -> list:
    """The direct transcript with the rewards that scores.py:length gives: null on resets and before the first one."""
    scored = copy.deepcopy(direct)
    for line in scored:
        if isinstance(line, dict) and "observation" in line and line["observation"]["text"] != "ready":
            line["reward"] = len(line["observation"]["text"]) / 10
    scored[-1]["reward"] = None
    return scored


def test_a_generic_client_sees_no_difference(probe, relays):
    direct = generic(probe)
    assert [line["reward"] for line in direct if "reward" in line] == [None, 0.25, None, 1.0, None, None, None]
    assert generic(relays("probe")) == direct


def test_a_generic_client_sees_only_other_rewards(probe, scored_bridge):
    assert generic(scored_bridge("scores.py:length").url) == with_lengths(generic(probe))


@pytest.mark.parametrize("peer", PEERS)
def test_older_clients(peer, probe, scored_bridge):
    direct, bridged = run_peer(PEERS[peer], "steps.py", probe, scored_bridge("scores.py:length").url)
    assert bridged == with_lengths(direct)


def test_an_older_server(own_server, bridges):
    """openenv-core 0.3.0 serves, without metadata; 0.10.0 asks."""
    server = own_server("probe", python=ROOT / ".venv-openenv03" / "bin" / "python")
    direct = generic(server.url)
    assert "metadata" not in direct[0]["observation"]
    assert generic(bridges(scored(server.url, "scores.py:length")).url) == with_lengths(direct)


@pytest.mark.parametrize("breakdown", [False, True], ids=["bare", "breakdown"])
@pytest.mark.parametrize("kind", [StrictClient, PickingClient])
def test_typed_clients(kind, breakdown, scored_bridge):
    bridge = scored_bridge("scores.py:length", breakdown=breakdown)
    with kind(base_url=bridge.url).sync() as client:
        assert client.reset(episode_id="typed").reward is None
        result = client.step({"message": "four", "note": {"own": 1}})
        assert (result.reward, result.observation.text, result.observation.count) == (0.4, "four", 1)
        if kind is PickingClient:
            assert result.observation.reward == 0.4
            assert result.observation.metadata["own"] == 1
            assert ("rewardbridge" in result.observation.metadata) is breakdown
        else:
            assert result.observation.metadata == {"own": 1}
        assert client.state().episode_id == "typed"


def test_the_breakdown_is_merged_into_the_metadata(scored_bridge):
    bridge = scored_bridge("scores.py:length", breakdown=True)
    with GenericEnvClient(base_url=bridge.url).sync() as client:
        client.reset()
        bare, own = client.step({"message": "a"}), client.step({"message": "b", "note": {"own": [1]}})
    assert set(bare.metadata) == {"rewardbridge"} and set(own.metadata) == {"own", "rewardbridge"}
    assert own.observation["metadata"] == {"own": [1]}, "the agent's side stays as the environment made it"
    breakdown = own.metadata["rewardbridge"]
    assert (breakdown["episode"], breakdown["step"], breakdown["status"]) == (1, 2, "scored")
    assert list(breakdown["rubric_scores"].values()) == [0.1]


def test_a_client_that_reconnects_gets_a_new_session(scored_bridge):
    bridge = scored_bridge("scores.py:Running")
    client = GenericEnvClient(base_url=bridge.url).sync()
    for _ in range(2):
        with client:
            client.reset()
            assert [client.step({"message": "ab"}).reward for _ in range(3)] == [2.0, 4.0, 6.0]
    assert len(bridge.sessions()) == 2


def test_clients_at_once(scored_bridge):
    """Every reward belongs to its own step, with sessions interleaved on one bridge."""
    bridge = scored_bridge("scores.py:Running", worker={"workers": 2})

    async def one(index: int) -> list[float]:
        async with GenericEnvClient(base_url=bridge.url) as client:
            await client.reset()
            return [(await client.step({"message": "x" * index})).reward for _ in range(20)]

    async def all_of_them():
        return await asyncio.gather(*(one(index) for index in range(1, 13)))

    for index, rewards in enumerate(asyncio.run(all_of_them()), start=1):
        assert rewards == [float(index * ordinal) for ordinal in range(1, 21)]
