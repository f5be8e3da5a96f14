"""The `skyrl_gym` adapter: the rewards of SkyRL-Gym's environments, which are given what the policy said.

Target: an environment's id, as in `skyrl_gym:gsm8k_multi_turn`, or a class of one's own, `skyrl_gym:envs.py:MyEnv`.
`args`, all optional: `env_config`, what the environment gets under this name, made into its own class of configuration
where it has one; `extras`, further fields of the data row.

Versions: 0.4.0.

Unit: episode. A new environment is given the prompt, and then each text that the policy wrote, one `step` each, until
it is done; the reward is the sum over the steps, and each step's own is told. With `unit: step` an environment lives as
long as the episode, and each step's reward is what its completion earned.

Inputs: prompt, the messages (with `unit: step` the completion), and the answer as `reward_spec` and `reward_model`,
with `ground_truth` in it. All columns are fields of the row too, under their names and under `extra_info`; such a
column goes before what is made from the record. What tools or users said in the recording is not looked at: the
environment runs its tools again (`search` its server, `text2sql` its data base, `searchcode` Python), so those need
`network: true` or a sandbox.

No score: SkyRL-Gym has no word for it. None is `unscored(abstained)`, as is with `unit: step` a step after the
environment was done. What an environment raises fails. A tool that fails inside of a step is an observation to the
environment, and no failure of the reward.

Metrics: `get_metrics()` at the end, or after each step; what `step` puts into `metadata` becomes components and labels.

Threads and loops: on the main thread, where SkyRL has executor threads.

Import cost: 0.5 s of CPU and 66 MB.

Live from `/ws` with a view that gives prompt, completion or `messages: turns` and, from task data, the answer. And
offline.
"""

from dataclasses import dataclass, field
from typing import Any

from rewardbridge import fields
from rewardbridge.adapters.skyrl_gym.environments import extras_of, maker_of
from rewardbridge.calling.chat import chat
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.components import parts_of
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, result_of_number, unscored
from rewardbridge.seam import Description, LoadRefused, Source

SETTINGS = ("args", "columns", "deterministic", "range", "unit")


@dataclass(frozen=True)
class Options:
    env_config: dict = field(default_factory=dict)
    extras: dict = field(default_factory=dict)


class SkyRLGymAdapter:
    """Environments of one kind."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        self.unit = self.settings.unit or "episode"
        if self.unit not in ("step", "episode"):
            raise LoadRefused(f"could not score a {self.unit}: an environment plays one episode")
        self.make = maker_of(source, self.options.env_config)
        self.episodes: dict[str, Any] = {}
        # Episodes whose environment is done.
        self.done: set[str] = set()

    def describe(self) -> Description:
        settings = self.settings
        said = "completion" if self.unit == "step" else "messages"
        return Description(
            unit=self.unit,
            needs=["prompt", said, "answer"],
            columns=list(settings.columns or ()),
            library=self.library,
            stateful=self.unit == "step",
            deterministic=settings.deterministic,
            range=range_of(settings),
        )

    def open(self, episode: str) -> None:
        # Made by the first step, whose record holds the prompt and the answer.
        self.episodes[episode] = None

    def close(self, episode: str) -> None:
        self.done.discard(episode)
        if env := self.episodes.pop(episode, None):
            env.close()

    def score(self, episode: str, record: fields.Json) -> Result:
        if self.unit == "step":
            return self._step(episode, record)
        said = _said(record)
        env = self._begun(record)
        try:
            return _play(env, said, _indices(record, len(said)))
        finally:
            env.close()

    def _step(self, episode: str, record: fields.Json) -> Result:
        if episode not in self.episodes:
            return failed(Kind.STATE_LOST, f"episode '{episode}' is not open")
        completion = fields.completion(record)
        env = self.episodes[episode] = self.episodes[episode] or self._begun(record)
        if episode in self.done:
            return unscored(Kind.ABSTAINED, "the environment was done before this step")
        output = env.step(completion)
        if output["done"]:
            self.done.add(episode)
        return _told(result_of_number(output["reward"]), env, output)

    def _begun(self, record: fields.Json) -> Any:
        for name in self.settings.columns or ():
            fields.column(record, name)
        prompt = chat(fields.prompt(record))
        env = self.make(extras_of(record) | self.options.extras)
        env.init(prompt)
        return env


def _play(env: Any, said: list[str], indices: list[int] | None) -> Result:
    """One step for each text; what was earned before a step without a score is told with it."""
    result, scores = Result("scored", 0.0), []
    for text in said:
        output = env.step(text)
        earned = result_of_number(output["reward"])
        scores.append(earned.reward)
        if earned.reward is None:
            result = earned
            break
        result.reward += earned.reward
        if output["done"]:
            break
    if indices:
        result.step_scores = [{"step": index, "reward": reward} for index, reward in zip(indices, scores)]
    _told(result, env, output)
    if left := len(said) - len(scores):
        result.metrics = (result.metrics or {}) | {"messages_left": float(left)}
    return result


def _indices(record: fields.Json, count: int) -> list[int] | None:
    """Of the record's steps, where each text is one; None where they are others."""
    steps = [each["index"] for each in record.get("steps") or () if each["index"] > 0]
    if steps and len(steps) != count:
        return None
    return steps or list(range(1, count + 1))


def _told(result: Result, env: Any, output: Any) -> Result:
    numbers, _, texts = parts_of(env.get_metrics() if hasattr(env, "get_metrics") else {})
    metrics = {each["path"]: each["value"] for each in numbers or () if each["value"] is not None}
    components, _, labels = parts_of(output.get("metadata") or {})
    result.components = components
    result.metrics = metrics | {"done": float(bool(output["done"]))}
    result.labels = (texts or {}) | (labels or {}) or None
    return result


def _said(record: fields.Json) -> list[str]:
    """What the policy wrote, as :func:`fields.completion` finds it."""
    messages = record.get("messages") or []
    for is_said in (lambda each: each.get("sampled"), lambda each: each.get("role") == "assistant"):
        if said := [fields.text_of(each) for each in messages if is_said(each)]:
            return said
    raise fields.Missing("messages of the policy")
