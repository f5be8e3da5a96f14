"""Servers that refuse, take their time, or have one slot."""

import json
import time

import pytest
from openenv import GenericEnvClient

from support.client import RawClient, reset, step
from support.deadline import eventually


def test_a_full_server_says_so_unasked(route):
    with RawClient(route("one_slot")) as holder:
        assert holder.call(reset())["type"] == "observation"
        with RawClient(route("one_slot")) as refused:
            error = json.loads(refused.receive())
            assert (error["type"], error["data"]["code"]) == ("error", "CAPACITY_REACHED")
            assert refused.closed() == 1000
        assert holder.call(step("still mine"))["data"]["observation"]["count"] == 1
        assert holder.close() == 1000


def test_a_real_client_is_refused_with_the_same_words(route):
    with RawClient(route("one_slot")) as holder:
        holder.call(reset())
        with pytest.raises(RuntimeError, match="CAPACITY_REACHED"):
            with GenericEnvClient(base_url=route("one_slot")).sync() as client:
                client.reset()
        assert holder.close() == 1000


def test_one_slot_is_free_at_once_after_a_close(route):
    """The client's close completes only after the environment's, so the next connection finds the slot."""
    for turn in range(25):
        with GenericEnvClient(base_url=route("one_slot")).sync() as client:
            assert client.reset().done is False, turn


def test_one_slot_after_a_client_that_vanished(route):
    vanished = RawClient(route("one_slot"))
    vanished.call(reset())
    vanished.reset_connection()

    def free():
        with RawClient(route("one_slot")) as client:
            answered = client.call(reset())["type"] == "observation"
            return answered and client.close() == 1000

    eventually(free, "a free slot")


def test_an_environment_that_cannot_be_built(route):
    with RawClient(route("broken")) as client:
        error = json.loads(client.receive())
        assert error["data"]["code"] == "FACTORY_ERROR"
        assert client.closed() == 1000


def test_a_client_that_waits_too_short(route, tmp_path):
    """After its time-out the real client drops the socket and reconnects by itself, to a new session."""
    gate = tmp_path / "gate"
    client = GenericEnvClient(base_url=route("probe"), message_timeout_s=0.3).sync()
    with client:
        client.reset(episode_id="first")
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            client.step({"message": "never seen", "gate": str(gate)})
        assert time.monotonic() - started < 5
        gate.touch()
        assert client.state()["episode_id"] is None
        assert client.step({"message": "fresh"}).observation["count"] == 1
