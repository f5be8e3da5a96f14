"""What was acknowledged is kept once: over restarts, kill -9 and readers beside the writer."""

import json
import signal
import sqlite3

from support.bridge import Bridge, command, scored
from support.client import RawClient, reset, step
from support.deadline import eventually


def test_rows_survive_a_kill_with_durability_reply(probe, tmp_path):
    """With `durability: reply` a reward that the client holds is on disk, whatever happens next."""
    settings = scored(probe, "scores.py:length", durability="reply")
    bridge = Bridge(tmp_path / "a", settings).ready()
    got = []
    with RawClient(bridge.url) as client:
        client.call(reset(episode_id="before"))
        for ordinal in range(1, 31):
            got.append(client.call(step("x" * ordinal))["data"]["reward"])
        bridge.process.signal(signal.SIGKILL)
    bridge.process.wait()
    assert [row["reward"] for row in bridge.outcomes()] == got
    with Bridge(tmp_path / "a", settings) as again:
        with RawClient(again.ready().url) as client:
            client.call(reset())
            client.call(step("x"))
        assert len(again.rows(31)) == 31
        lost = again.show(again.sessions()[-1]["session"])["episodes"][0]
        assert (lost["episode_id"], lost["end"], lost["usable"]) == ("before", "bridge_restart", False)


def test_a_reply_shows_in_the_ledger_within_its_window(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        for ordinal in range(1, 4):
            client.call(step("x" * ordinal))
            assert [row["step"] for row in bridge.rows(ordinal)] == list(range(1, ordinal + 1))


def test_an_orderly_end_writes_everything(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        for message in [step("ab") for _ in range(200)]:
            client.send(message)
        for _ in range(200):
            client.receive()
        assert bridge.stop() == 0
    assert [row["step"] for row in bridge.outcomes()] == list(range(1, 201))


def test_the_environments_own_reward_is_kept_beside(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.call(step("abc", reward=0.125))
    (row,) = bridge.rows(1)
    assert (row["reward"], row["environment_reward"]) == (0.3, 0.125)


def test_full_records_hold_what_passed(scored_bridge):
    bridge = scored_bridge("scores.py:length", ledger={"record": "full"})
    with RawClient(bridge.url) as client:
        client.call(reset(seed=4, rewardbridge={"answer": "hidden"}))
        client.call(step("abc"))
        client.call(step("de", done=True))
        client.close()
    bridge.rows(2)
    done = bridge.command("sessions", "export")
    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert record["schema"] == "evalrec/1"
    assert [each["index"] for each in record["steps"]] == [0, 1, 2]
    assert [each["action"]["message"] for each in record["steps"][1:]] == ["abc", "de"]
    assert [each["observation"]["text"] for each in record["steps"]] == ["ready", "abc", "de"]
    assert record["steps"][2]["done"] is True


def test_rewards_alone_keep_no_texts(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.call(step("a-very-private-message"))
    bridge.rows(1)
    assert bridge.stop() == 0
    for path in bridge.state.rglob("*.sqlite*"):
        assert b"a-very-private-message" not in path.read_bytes()


def test_every_row_names_its_version(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.call(step("a"))
    (row,) = bridge.rows(1)
    assert len(row["version"]) == 64 and row["rubric"] == "length"


def test_sound_after_use(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.call(step("a"))
    bridge.rows(1)
    assert bridge.stop() == 0
    (path,) = bridge.state.rglob("ledger.sqlite")
    assert sqlite3.connect(path).execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_folder_without_a_ledger_is_said_to_be_so(tmp_path):
    done = command("sessions", "list", "--state", tmp_path / "nowhere")
    assert done.returncode != 0 and "could not" in done.stderr


def test_a_client_that_says_close_has_left(scored_bridge):
    """The environment closes first then, and it was the client all the same that ended the episode."""
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.call(step("abc"))
        client.send({"type": "close"})
        assert client.closed() == 1000
    ends = eventually(lambda: [each["end"] for each in bridge.show("last")["episodes"] if each["end"]], "the end")
    assert ends == ["disconnect"]
