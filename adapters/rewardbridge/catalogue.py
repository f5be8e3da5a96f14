"""The adapters that there are, and what each one needs: `python -m rewardbridge.catalogue` prints them as JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, entry_points, version
from typing import Any

GROUP = "rewardbridge.adapters"


@dataclass(frozen=True)
class About:
    """What one can know of an adapter before its library is there."""

    # `package.module:Class`; the module imports nothing of the library before a component is made.
    adapter: str
    # As people call it.
    library: str
    units: Sequence[str]
    # What of a record it can use.
    inputs: Sequence[str]
    # What an environment and its client must send: `as it is`, `with task data`, `offline`.
    live: str
    # For pip; the first names the library's own distribution.
    requirements: Sequence[str] = ()
    # Installed after the others and without what they ask for.
    without_dependencies: Sequence[str] = ()
    python: str = ">=3.10"
    # The version that parity was tested with.
    tested: str = ""
    # Where it may run beside `worker`.
    embedded: bool = False

    @property
    def distributions(self) -> list[str]:
        """Names of what is installed for it, the library's own first."""
        wanted = [*self.without_dependencies, *self.requirements]
        return [_name(each) for each in wanted]


BUILT_IN: dict[str, About] = {
    "atropos": About(
        adapter="rewardbridge.adapters.atropos.adapter:AtroposAdapter",
        library="Atropos",
        units=("batch", "episode", "group"),
        inputs=("completion", "messages", "answer"),
        live="with task data",
        requirements=("math-verify==0.9.*",),
        without_dependencies=("atroposlib==0.4.*",),
        tested="0.4.0",
    ),
    "autorubric": About(
        adapter="rewardbridge.adapters.autorubric:AutorubricAdapter",
        library="AutoRubric",
        units=("step", "episode"),
        inputs=("prompt", "completion", "answer"),
        live="with task data",
        requirements=("autorubric==1.6.*",),
        python=">=3.11",
        tested="1.6.1",
    ),
    "command": About(
        adapter="rewardbridge.adapters.command:CommandAdapter",
        library="a program",
        units=("step", "episode"),
        inputs=("action", "observation", "prompt", "completion", "messages", "answer", "state", "history", "reset"),
        live="as it is",
    ),
    "eval_protocol": About(
        adapter="rewardbridge.adapters.eval_protocol:EvalProtocolAdapter",
        library="Eval Protocol",
        units=("step", "episode", "batch", "group"),
        inputs=("prompt", "messages", "answer"),
        live="with task data",
        requirements=("eval-protocol==0.3.*",),
        tested="0.3.33",
    ),
    "harbor": About(
        adapter="rewardbridge.adapters.harbor:HarborAdapter",
        library="Harbor",
        units=("step", "episode"),
        inputs=("prompt", "completion", "messages", "answer"),
        live="offline",
        tested="0.25.0",
    ),
    "http": About(
        adapter="rewardbridge.adapters.http:HTTPAdapter",
        library="a server",
        units=("step", "episode", "batch", "group"),
        inputs=("action", "observation", "prompt", "completion", "messages", "answer", "state", "history", "reset"),
        live="as it is",
    ),
    "inspect": About(
        adapter="rewardbridge.adapters.inspect.adapter:InspectAdapter",
        library="Inspect",
        units=("step", "episode"),
        inputs=("prompt", "messages", "answer"),
        live="with task data",
        requirements=("inspect_ai==0.3.*", "latex2sympy2-extended", "openai"),
        python=">=3.11",
        tested="0.3.285",
    ),
    "math_verify": About(
        adapter="rewardbridge.adapters.math_verify:MathVerifyAdapter",
        library="Math-Verify",
        units=("step", "episode"),
        inputs=("completion", "answer"),
        live="with task data",
        requirements=("math-verify==0.9.*",),
        tested="0.9.0",
    ),
    "nemo_gym": About(
        adapter="rewardbridge.adapters.nemo_gym:NemoGymAdapter",
        library="NeMo Gym",
        units=("step", "episode"),
        inputs=("prompt", "messages", "answer"),
        live="with task data",
        tested="0.7.0",
    ),
    "open_instruct": About(
        adapter="rewardbridge.adapters.open_instruct:OpenInstructAdapter",
        library="Open Instruct",
        units=("step", "episode"),
        inputs=("prompt", "completion", "answer"),
        live="with task data",
    ),
    "openenv": About(
        adapter="rewardbridge.adapters.openenv.adapter:OpenEnvAdapter",
        library="OpenEnv",
        units=("step", "episode"),
        inputs=("action", "observation"),
        live="as it is",
        requirements=("openenv==0.10.*",),
        tested="0.10.0",
        embedded=True,
    ),
    "openreward": About(
        adapter="rewardbridge.adapters.openreward.adapter:OpenRewardAdapter",
        library="OpenReward",
        units=("episode", "group"),
        inputs=("messages", "answer"),
        live="offline",
        requirements=("openreward==0.1.*",),
        python=">=3.11",
        tested="0.1.167",
    ),
    "openrlhf": About(
        adapter="rewardbridge.adapters.openrlhf:OpenRLHFAdapter",
        library="OpenRLHF",
        units=("step", "episode"),
        inputs=("prompt", "completion", "answer"),
        live="with task data",
        tested="0.11.2",
    ),
    "python": About(
        adapter="rewardbridge.adapters.python:PythonAdapter",
        library="your own code",
        units=("step", "episode", "batch", "group"),
        inputs=("action", "observation", "prompt", "completion", "messages", "answer", "state", "history", "reset"),
        live="as it is",
        embedded=True,
    ),
    "reasoning_gym": About(
        adapter="rewardbridge.adapters.reasoning_gym:ReasoningGymAdapter",
        library="Reasoning Gym",
        units=("step", "episode"),
        inputs=("prompt", "completion", "answer"),
        live="with task data",
        requirements=("reasoning-gym==0.1.*",),
        tested="0.1.25",
    ),
    "reward_kit": About(
        adapter="rewardbridge.adapters.reward_kit:RewardKitAdapter",
        library="Reward Kit",
        units=("step", "episode", "batch", "group"),
        inputs=("prompt", "messages", "answer"),
        live="with task data",
        requirements=("reward-kit==0.4.*", "mcp>=1.27,<2"),
        tested="0.4.1",
    ),
    "rewardkit": About(
        adapter="rewardbridge.adapters.rewardkit:RewardkitAdapter",
        library="Reward Kit",
        units=("step", "episode"),
        inputs=("prompt", "completion", "messages", "answer"),
        live="offline",
        requirements=("harbor-rewardkit==0.2.*",),
        python=">=3.12",
        tested="0.2.3",
    ),
    "rubric": About(
        adapter="rewardbridge.adapters.rubric:RubricAdapter",
        library="rubric",
        units=("step", "episode"),
        inputs=("prompt", "completion"),
        live="with task data",
        requirements=("rubric==2.2.*",),
        tested="2.2.0",
    ),
    "ruler": About(
        adapter="rewardbridge.adapters.ruler:RulerAdapter",
        library="ART (RULER)",
        units=("group",),
        inputs=("prompt", "messages"),
        live="offline",
        requirements=("openpipe-art==0.5.*",),
        python=">=3.11",
        tested="0.5.18",
    ),
    "skyrl_gym": About(
        adapter="rewardbridge.adapters.skyrl_gym.adapter:SkyRLGymAdapter",
        library="SkyRL-Gym",
        units=("step", "episode"),
        inputs=("prompt", "completion", "messages", "answer"),
        live="with task data",
        requirements=("skyrl-gym==0.4.*",),
        tested="0.4.0",
    ),
    "trl": About(
        adapter="rewardbridge.adapters.trl.adapter:TRLAdapter",
        library="TRL",
        units=("batch", "episode", "group"),
        inputs=("prompt", "completion", "messages", "answer"),
        live="with task data",
        requirements=("math-verify==0.9.*",),
        without_dependencies=("trl==1.16.*",),
        python=">=3.11",
        tested="1.16.0",
    ),
    "verifiers": About(
        adapter="rewardbridge.adapters.verifiers.adapter:VerifiersAdapter",
        library="verifiers (rubrics)",
        units=("step", "episode", "group"),
        inputs=("prompt", "messages", "answer"),
        live="with task data",
        requirements=("verifiers>=0.2.1,<0.4",),
        python=">=3.11,<3.14",
        tested="0.2.1",
    ),
    "verifiers_v1": About(
        adapter="rewardbridge.adapters.verifiers_v1:VerifiersV1Adapter",
        library="verifiers (tasks)",
        units=("step", "episode"),
        inputs=("prompt", "messages", "answer"),
        live="with task data",
        requirements=("verifiers==0.4.*",),
        python=">=3.11,<3.15",
        tested="0.4.0",
    ),
    "verl": About(
        adapter="rewardbridge.adapters.verl.adapter:VerlAdapter",
        library="verl",
        units=("step", "episode", "batch", "group"),
        inputs=("completion", "answer"),
        live="with task data",
        requirements=("math-verify==0.9.*", "numpy"),
        without_dependencies=("verl==0.9.*",),
        python=">=3.10,<3.13",
        tested="0.9.1",
    ),
}


def installed_version(about: About) -> str | None:
    """Of the library, in this Python; None when it is not installed, or there is none."""
    for name in about.distributions[:1]:
        try:
            return version(name)
        except PackageNotFoundError:
            return None
    return None


def listed() -> list[dict[str, Any]]:
    """Every adapter with its name and what is installed here; third parties' have no more than a name."""
    found = [
        {"name": name, **asdict(about), "installed": installed_version(about)}
        for name, about in sorted(BUILT_IN.items())
    ]
    others = [each for each in entry_points(group=GROUP) if each.name not in BUILT_IN]
    return found + [{"name": each.name, "adapter": each.value} for each in others]


def _name(requirement: str) -> str:
    end = next((place for place, each in enumerate(requirement) if each in "=<>!~[; @"), len(requirement))
    return requirement[:end]


if __name__ == "__main__":
    json.dump({"python": sys.version.split()[0], "adapters": listed()}, sys.stdout)
