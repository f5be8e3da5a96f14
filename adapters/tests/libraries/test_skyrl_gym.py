"""SkyRL-Gym 0.4: `scripts/test-libraries.sh skyrl_gym`."""

import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

skyrl_gym = pytest.importorskip("skyrl_gym", reason="scripts/test-libraries.sh skyrl_gym makes its environment")

from calls import made, play, score, values  # noqa: E402
from records import PLAIN, PROMPT, RECORDS, conversed, said  # noqa: E402

from rewardbridge.adapters.skyrl_gym.adapter import SkyRLGymAdapter  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

SPEC = {"method": "rule", "ground_truth": "144"}


def texts_of(record):
    return [each["content"] for each in record["messages"] if each["role"] == "assistant"]


def direct(name, record, env_config=None, **extras):
    """The environment itself, as SkyRL's generator plays it."""
    row = {"reward_spec": SPEC, "reward_model": SPEC, "extra_info": {}, **extras}
    env = skyrl_gym.make(name, env_config=env_config, extras=row)
    env.init(PROMPT)
    outputs = []
    for text in texts_of(record):
        outputs.append(env.step(text))
        if outputs[-1]["done"]:
            break
    return [each["reward"] for each in outputs], env.get_metrics(), outputs[-1]


def turns(*texts, answer="144", **more):
    """A conversation in which the environment asks again after each text."""
    messages = []
    for text in texts:
        messages += [{"role": "assistant", "content": text, "sampled": True}, {"role": "user", "content": "Again."}]
    return conversed(messages[:-1], answer, **more)


TALKS = {
    "right at last": turns("#### 1", "no idea", "#### 144"),
    "right at once": turns("#### 144", "#### 144"),
    "never right": turns(*["#### 7"] * 5),
    "too long": turns(*["#### 7"] * 8),
    "unfinished": turns("#### 7"),
}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("env", ["gsm8k", "aime"])
def test_an_environment_of_one_turn(make, env, name):
    rewards, _, last = direct(env, RECORDS[name])
    result = score(make(f"skyrl_gym:{env}"), RECORDS[name])
    assert (result.status, result.reward) == ("scored", sum(rewards))
    assert values(result) | (result.labels or {}) == last["metadata"]


def test_the_records_tell_right_from_wrong(make):
    component = make("skyrl_gym:gsm8k")
    results = {name: score(component, RECORDS[name]) for name in PLAIN}
    # The environment is done after the first text, which in `tools` is not the answer.
    assert {name: each.reward for name, each in results.items()} == {
        "right": 1, "wrong": 0, "long": 1, "empty": 0, "equivalent": 0, "tools": 0, "unicode": 1
    }  # fmt: skip
    assert results["tools"].metrics == {"done": 1, "messages_left": 2}


@pytest.mark.parametrize("talk", TALKS)
def test_several_turns(make, talk):
    rewards, metrics, last = direct("gsm8k_multi_turn", TALKS[talk])
    result = score(make("skyrl_gym:gsm8k_multi_turn"), TALKS[talk])
    assert result.status == "scored" and abs(result.reward - sum(rewards)) <= 1e-12
    assert [each["reward"] for each in result.step_scores] == rewards
    assert [each["step"] for each in result.step_scores] == list(range(1, len(rewards) + 1))
    left = len(texts_of(TALKS[talk])) - len(rewards)
    expected = {**metrics, "done": float(last["done"]), **({"messages_left": left} if left else {})}
    assert result.metrics == expected


def test_the_steps_of_a_recording(make):
    component = make("skyrl_gym:gsm8k_multi_turn")
    steps = [{"index": index, "action": {}, "observation": {}} for index in range(6)]
    result = score(component, TALKS["never right"] | {"steps": steps})
    assert [each["step"] for each in result.step_scores] == [1, 2, 3, 4, 5]
    # Not one text a step.
    result = score(component, TALKS["never right"] | {"steps": steps[:3]})
    assert result.status == "scored" and result.step_scores is None


@pytest.mark.parametrize("talk", TALKS)
def test_step_by_step(make, talk):
    rewards, _, _ = direct("gsm8k_multi_turn", TALKS[talk])
    component = make("skyrl_gym:gsm8k_multi_turn", unit="step")
    assert component.describe().stateful and component.describe().needs == ["prompt", "completion", "answer"]
    results = play(component, [said(text) for text in texts_of(TALKS[talk])])
    assert [each.reward for each in results[: len(rewards)]] == rewards
    assert all(each.kind is Kind.ABSTAINED for each in results[len(rewards) :])


def test_episodes_do_not_share_an_environment(make):
    component = make("skyrl_gym:gsm8k_multi_turn", unit="step", args={"extras": {"max_turns": 2}})
    component.open("a")
    component.open("b")
    assert component.score("a", said("#### 7")).metrics == {"steps": 1, "done": 0}
    assert component.score("b", said("#### 7")).metrics == {"steps": 1, "done": 0}
    assert component.score("a", said("#### 7")).metrics == {"steps": 2, "done": 1}
    component.close("a")
    assert component.score("a", said("#### 7")).kind is Kind.STATE_LOST


def test_columns_and_extras(make):
    three = turns(*["#### 7"] * 5, info={"max_turns": 3})
    result = score(make("skyrl_gym:gsm8k_multi_turn"), three)
    rewards, _, _ = direct("gsm8k_multi_turn", three, max_turns=3)
    assert result.reward == sum(rewards) and len(result.step_scores) == 3
    own_spec = said("#### 7", info={"reward_spec": {"ground_truth": "7"}})
    assert score(make("skyrl_gym:gsm8k"), own_spec).reward == 1


def test_what_is_missing_is_no_zero(make):
    component = make("skyrl_gym:gsm8k")
    assert score(component, RECORDS["no gold"]).kind is Kind.NEEDS
    assert score(component, said("x", prompt=None)).kind is Kind.NEEDS
    assert score(component, conversed([{"role": "user", "content": "x"}])).kind is Kind.NEEDS
    # db_id, which text2sql asserts.
    assert score(make("skyrl_gym:text2sql"), said("x")).kind is Kind.EXCEPTION


class Search(BaseHTTPRequestHandler):
    asked: list = []

    def do_POST(self):
        self.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        found = [{"document": {"contents": "Twelve\nTwelve dozens are a gross."}, "score": 1.0}]
        body = json.dumps({"result": [found]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Search)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Search.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}/retrieve"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_tool_is_run_again(make, url):
    record = turns("<search>a gross</search>", "<answer>144</answer>", answer={"target": ["144"]})
    component = make("skyrl_gym:search", args={"env_config": {"search_url": url}, "extras": {"max_turns": 3}})
    result = score(component, record)
    assert result.reward == 1 and [each["reward"] for each in result.step_scores] == [0, 1]
    assert Search.asked[0]["query"] == "a gross" or Search.asked[0]["queries"] == ["a gross"]


def test_a_data_base(make, tmp_path):
    place = tmp_path / "spider" / "database" / "shop"
    place.mkdir(parents=True)
    with sqlite3.connect(place / "shop.sqlite") as shop:
        shop.execute("create table sales (amount integer)")
        shop.executemany("insert into sales values (?)", [(12,), (132,)])
    config = {"env_config": {"db_path": str(tmp_path)}}
    info = {"db_id": "shop", "data": "spider"}
    good = "<think>Sum.</think><solution>select sum(amount) from sales</solution>"
    for text in (good, good.replace("sum(", "max("), "no tags"):
        record = turns("<think>Look.</think><sql>select * from sales</sql>", text, info=info, answer=good[29:-11])
        spec = {"ground_truth": good[29:-11]}
        from skyrl_gym.envs.sql.env import Text2SQLEnvConfig

        native = Text2SQLEnvConfig(db_path=str(tmp_path))
        rewards, _, _ = direct("text2sql", record, native, reward_spec=spec, **info)
        assert score(make("skyrl_gym:text2sql", args=config), record).reward == sum(rewards)


AUTHORED = """
from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput

class Echo(BaseTextEnv):
    def __init__(self, env_config=None, extras={}):
        super().__init__()
        self.by = env_config.by
        self.gold = extras["reward_spec"]["ground_truth"]

    def step(self, action):
        self.turns += 1
        if action == "boom":
            raise RuntimeError("the environment broke")
        reward = None if action == "skip" else float("nan") if action == "nan" else len(action) * self.by
        metadata = {"said": action, "length": len(action)}
        return BaseTextEnvStepOutput(observations=[], reward=reward, done=action == self.gold, metadata=metadata)

    def get_metrics(self):
        return {"turns": self.turns, "note": "fine"}
"""


@pytest.fixture
def echo(make) -> SkyRLGymAdapter:
    return make("skyrl_gym:rewards.py:Echo", AUTHORED, args={"env_config": {"by": 0.5}})


def test_an_environment_of_ones_own(echo):
    result = score(echo, turns("a", "bb", "144", "more"))
    assert result.reward == 3 and result.metrics == {"turns": 3, "done": 1, "messages_left": 1}
    assert values(result) == {"length": 3} and result.labels == {"said": "144", "note": "fine"}


def test_steps_without_a_score_are_no_zero(echo):
    assert score(echo, turns("boom")).kind is Kind.EXCEPTION
    assert score(echo, turns("a", "nan", "144")).kind is Kind.NOT_FINITE
    result = score(echo, turns("a", "skip", "144"))
    assert result.kind is Kind.ABSTAINED and [each["reward"] for each in result.step_scores] == [0.5, None]


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("gms8k", {}, "could not find environment"),
        ("search", {"args": {"env_config": {"url": "x"}}}, "env_config"),
        ("gsm8k", {"unit": "group"}, "one episode"),
        ("gsm8k", {"args": {"config": {}}}, "unknown name 'config'"),
    ],
)
def test_what_is_refused(tmp_path, target, settings, reason):
    with pytest.raises(LoadRefused, match=reason):
        made(f"skyrl_gym:{target}", tmp_path, **settings)


def test_the_example(example):
    component, records = example("skyrl_gym")
    assert [round(score(component, each).reward, 12) for each in records] == [1.04, 0.08]
