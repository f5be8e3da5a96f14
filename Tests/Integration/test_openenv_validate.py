"""`openenv validate`: its graders on what they record through the bridge, and connections that ask for evidence."""

import json
from pathlib import Path

import pytest
from openenv.cli._validation import validate_running_environment
from openenv.validation import (
    CapabilitiesSpec,
    CheckStatus,
    NormalizedManifest,
    ResourceDeclaration,
    RewardDeclaration,
    SignatureKind,
    Subject,
    TypeSpec,
    VerifierBinding,
)
from openenv.validation.graders.runtime import ObservationSchemaGrader, RewardWellFormedGrader, StateContractGrader
from openenv.validation.runtime.collector import collect_runtime_evidence
from openenv.validation.runtime.contracts import RuntimePlan, RuntimeReset

from support.client import STATE, RawClient, reset, step
from support.upstream import session

# The collector's way to call websockets, not ours.
pytestmark = pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")

GRADERS = (RewardWellFormedGrader(), ObservationSchemaGrader(), StateContractGrader())
MANIFEST = NormalizedManifest(
    manifest_schema_version="1",
    name="probe",
    signature=SignatureKind.OPENENV_SERVED,
    reward=RewardDeclaration(range=(0.0, 1.0), floor_margin=0.1),
    resources=ResourceDeclaration(cpu=1, memory_mb=512, disk_mb=512, episode_timeout_s=60),
    capabilities=CapabilitiesSpec(verifier=VerifierBinding(kind="reward_channel")),
    types=TypeSpec(tags=["test"]),
)
# Ten characters at most: `length` gives them a reward in [0, 1]. The environment's own rewards are others.
MESSAGES = ("abc", "", "0123456789")
PLAN = RuntimePlan(
    plan_schema_version="1",
    reset=RuntimeReset(episode_id="validation-1", seed=7),
    actions=[{"message": message, "reward": 0.25, "done": message == MESSAGES[-1]} for message in MESSAGES],
)


def collected(url: str, plan: RuntimePlan = PLAN):
    return collect_runtime_evidence(url, plan, episode_timeout_s=30)


def verdicts(evidence) -> dict[str, CheckStatus]:
    subject = Subject(Path(), MANIFEST, None, None, Path(), runtime_evidence=evidence)
    return {grader.check_id: grader.run(subject).status for grader in GRADERS}


def rewards(evidence) -> list:
    replies = [json.loads(each.response_json) for each in evidence.exchanges if each.operation == "step"]
    return [each["data"].get("reward") for each in replies]


PASSED = {grader.check_id: CheckStatus.PASS for grader in GRADERS}


def test_the_graders_pass_the_environment_itself(probe):
    evidence = collected(probe)
    assert rewards(evidence) == [0.25, 0.25, 0.25]
    assert verdicts(evidence) == PASSED


@pytest.mark.parametrize("breakdown", [False, True], ids=["reward", "breakdown"])
def test_the_graders_pass_a_scored_environment(breakdown, scored_bridge):
    evidence = collected(scored_bridge("scores.py:length", range=[0, 1], breakdown=breakdown).url)
    assert rewards(evidence) == [0.3, 0.0, 1.0]
    assert verdicts(evidence) == PASSED


def test_a_score_of_the_whole_episode_needs_zeros_before_it(scored_bridge):
    """A validator takes `null` on a reset only."""
    passing = collected(scored_bridge("episode.yaml", fold="last", before="zero", reduce="last").url, short("ab", "c"))
    assert rewards(passing) == [0.0, 0.3] and verdicts(passing) == PASSED
    failing = collected(scored_bridge("episode.yaml", fold="last", before="null", reduce="last").url, short("ab", "c"))
    assert rewards(failing) == [None, 0.3]
    assert verdicts(failing) == {**PASSED, "runtime.reward_well_formed": CheckStatus.FAIL}


def short(*messages: str) -> RuntimePlan:
    actions = [{"message": each, "done": each == messages[-1]} for each in messages]
    return RuntimePlan(plan_schema_version="1", reset=PLAN.reset, actions=actions)


def test_a_reward_out_of_range_is_an_error_and_no_number(scored_bridge):
    plan = short("abc", "eleven char")
    bridge = scored_bridge("scores.py:length", range=[0, 1])
    evidence = collected(bridge.url, plan)
    assert evidence.failure_phase == "step"
    assert rewards(evidence) == [0.3, None]
    refused = json.loads(evidence.exchanges[-1].response_json)
    assert (refused["type"], refused["data"]["code"]) == ("error", "REWARD_FAILED")
    assert set(verdicts(evidence).values()) == {CheckStatus.SKIP}, "what was not measured does not pass"
    rows = bridge.rows(2)
    assert [(row["status"], row["kind"]) for row in rows] == [("scored", None), ("failed", "out_of_range")]

    unbounded = collected(scored_bridge("scores.py:length").url, plan)
    assert rewards(unbounded) == [0.3, 1.1]
    assert verdicts(unbounded) == {**PASSED, "runtime.reward_well_formed": CheckStatus.FAIL}


def test_a_running_server_is_judged_alike_behind_the_bridge(probe, scored_bridge):
    """`openenv validate --url`, which looks at the HTTP routes."""

    def criteria(url: str) -> dict[str, bool]:
        return {each["id"]: each["passed"] for each in validate_running_environment(url)["criteria"]}

    behind = criteria(scored_bridge("scores.py:length").url)
    assert behind == criteria(probe) and all(behind.values()) and "schema_endpoint" in behind


# The validation protocol of OpenEnv's RFC 008, which 0.10.0 does not speak yet: the server hands its own record of the
# episode to the validator, which compares it with what it saw. So nothing may be changed on such a connection.

OPEN = {"type": "validation_open", "data": {"schema_version": 1, "token": "t"}}
READ = {"type": "validation_read", "data": {"schema_version": 1, "capability": "c"}}


def test_a_validated_connection_is_relayed_as_it_is(probe, scored_bridge):
    """The server of 0.10.0 refuses the message, with and without a bridge; the connection goes on in both."""
    bridge = scored_bridge("scores.py:length", breakdown=True)

    def replies(url: str) -> list[bytes]:
        with RawClient(url) as client:
            requests = [OPEN, reset(episode_id="e"), STATE, step("abc", reward=0.25), READ, step("d", reward=1)]
            replies = []
            for request in requests:
                client.send(request)
                replies.append(client.receive())
            client.close()
            return replies

    assert replies(bridge.url) == replies(probe)


def test_evidence_passes_in_both_directions(scoring, upstream):
    opened = b'{"type":"validation_open","data":{"schema_version":1,"capability":"c"}}'
    evidence = b'{"type":"validation","data":{"schema_version":1,"seed":7,"rubric":[],"trajectory":{"complete":true}}}'
    with session(scoring.url, upstream) as (client, server):
        for request, reply in [(OPEN, opened), (READ, evidence)]:
            client.send(request)
            assert server.receive() == request
            server.send(reply)
            assert client.receive() == reply
        client.send(step("abc"))
        server.answer("step")
        assert json.loads(client.receive())["data"]["reward"] is None


def test_steps_of_a_validated_connection_are_unscored_in_the_ledger(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("abc", reward=0.25))["data"]["reward"] == 0.3
        client.call(OPEN)
        assert client.call(step("abc", reward=0.25))["data"]["reward"] == 0.25
    outcomes = [(row["step"], row["status"], row["kind"], row["reward"]) for row in bridge.rows(2)]
    assert outcomes == [(1, "scored", None, 0.3), (2, "unscored", "validation", None)]
