"""One episode's tree of rubrics, and what each node scored in a call: as components, and as OpenEnv's RubricNodes."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from inspect import iscoroutinefunction
from math import isfinite
from typing import Any

from openenv.core.rubrics import Gate, Rubric, Sequential, WeightedSum

from rewardbridge import codec
from rewardbridge.adapters.openenv.targets import clients_of
from rewardbridge.components import NAME_MAX, PARTS_MAX, RAW_MAX
from rewardbridge.kinds import Kind
from rewardbridge.numbers import NotANumber, number_of
from rewardbridge.result import Result, result_of_number
from rewardbridge.texts import clean

ROOT = "root"

# Methods of which one that is asynchronous makes the tree so.
METHODS = ("forward", "__call__", "score_trajectory", "compute_step_rewards", "reset_async")

# Of exactly these types: a subclass may combine in a way of its own.
AGGREGATIONS = {WeightedSum: "weighted_sum", Sequential: "sequential", Gate: "gate"}


@dataclass(frozen=True)
class Node:
    """A rubric at its place. `name` is that of OpenEnv's validation protocol: `root`, `root.child`."""

    name: str
    rubric: Rubric
    weight: float | None
    children: list[str]

    @property
    def path(self) -> str:
        return self.name.removeprefix(f"{ROOT}.")


class Tree:
    """Belongs to one episode. The `last_score` of a node that was not asked this time is an old one, so a hook of ours,
    behind the rubric's own, says what was scored in this call."""

    def __init__(self, root: Rubric) -> None:
        self.root = root
        self._scores: dict[int, Any] = {}
        self._watched: dict[int, Rubric] = {}
        self._resets: list[Callable[[], Any]] = []

    @property
    def rubrics(self) -> list[Rubric]:
        """Each once, the root first."""
        return list({id(each.rubric): each.rubric for each in nodes_of(self.root)}.values())

    @property
    def paths(self) -> list[str]:
        """Of all nodes but the root, as `named_rubrics()` has them."""
        return [each.path for each in nodes_of(self.root)][1:]

    @property
    def is_asynchronous(self) -> bool:
        return any(iscoroutinefunction(getattr(each, name, None)) for each in self.rubrics for name in METHODS)

    @property
    def asks_models(self) -> bool:
        return bool(clients_of(self.rubrics))

    def reset(self) -> None:
        """Every node, since a parent does not reset its children."""
        for each in self.rubrics:
            if hasattr(each, "reset_async"):
                self._resets.append(each.reset_async)
            else:
                each.reset()

    def finish_reset(self) -> Generator[Any, Any, None]:
        """Calls `reset_async`, which OpenEnv prefers where a rubric has one; one that failed is called again."""
        while self._resets:
            yield self._resets[0]()
            del self._resets[0]

    def __call__(self, action: Any, observation: Any) -> Any:
        self._scores.clear()
        for each in self.rubrics:
            if id(each) not in self._watched:
                each.register_forward_hook(self._note)
                self._watched[id(each)] = each
        return self.root(action, observation)

    def _note(self, rubric: Rubric, action: Any, observation: Any, score: Any) -> None:
        self._scores[id(rubric)] = score

    def told(self, value: Any) -> Result:
        """The outcome of a call that gave `value`."""
        self._scores[id(self.root)] = value
        return self.described(result_of_number(value))

    def described(self, result: Result) -> Result:
        """The result with what the nodes scored."""
        root, *others = nodes_of(self.root)
        if left_out := max(len(others) - PARTS_MAX, 0):
            others.sort(key=lambda each: id(each.rubric) not in self._scores)
            result.metrics = {"parts_left_out": float(left_out)}
        kept = others[:PARTS_MAX]
        result.components = [self._component(each) for each in kept] or None
        result.tree = [self._rubric_node(each) for each in (root, *kept)]
        return result

    def _component(self, node: Node) -> dict[str, Any]:
        kind = "gate" if isinstance(node.rubric, Gate) else "reward"
        component = {"path": clean(node.path, NAME_MAX), "kind": kind, "value": None}
        if node.weight is not None:
            component["weight"] = node.weight
        if id(node.rubric) not in self._scores:
            return component | {"status": "unscored", "reason": "not evaluated"}
        return component | _value(self._scores[id(node.rubric)])

    def _rubric_node(self, node: Node) -> dict[str, Any]:
        config = _config(node.rubric)
        is_evaluated = id(node.rubric) in self._scores
        return {
            "name": clean(node.name, NAME_MAX),
            "class_name": f"{type(node.rubric).__module__}.{type(node.rubric).__qualname__}",
            "children": [clean(each, NAME_MAX) for each in node.children],
            "aggregation": AGGREGATIONS.get(type(node.rubric), "unknown" if node.children else "leaf"),
            "config": config or {},
            "config_available": config is not None,
            "score": _value(self._scores[id(node.rubric)])["value"] if is_evaluated else None,
            "evaluated": is_evaluated,
        }


def nodes_of(root: Rubric) -> list[Node]:
    """Depth first, as `named_rubrics()` goes; a rubric below itself is not entered again."""
    return list(_walk(ROOT, root, None, ()))


def _walk(name: str, rubric: Rubric, weight: float | None, above: tuple[int, ...]) -> Iterator[Node]:
    children = [each for each in rubric.named_children() if id(each[1]) not in above]
    yield Node(name, rubric, weight, [f"{name}.{key}" for key, _ in children])
    weights = rubric.weights if type(rubric) is WeightedSum else []
    for position, (key, child) in enumerate(children):
        share = _value(weights[position])["value"] if position < len(weights) else None
        yield from _walk(f"{name}.{key}", child, share, (*above, id(rubric)))


def _value(score: Any) -> dict[str, Any]:
    """What a component says of a node's score."""
    if score is None:
        return {"value": None, "status": "unscored", "failure": {"kind": Kind.ABSTAINED.value}}
    try:
        number = number_of(score)
    except NotANumber as reason:
        failure = {"kind": Kind.NOT_A_NUMBER.value, "message": f"the rubric returned {reason}"}
        return {"value": None, "status": "failed", "failure": failure}
    if not isfinite(number):
        return {"value": None, "status": "failed", "failure": {"kind": Kind.NOT_FINITE.value}}
    return {"value": number, "status": "scored"}


def _config(rubric: Rubric) -> dict[str, Any] | None:
    """As OpenEnv's validation tells it: `validation_config()` is of versions after 0.10.0."""
    if type(rubric) is WeightedSum:
        config = {"weights": rubric.weights}
    elif type(rubric) is Gate:
        config = {"threshold": rubric.threshold}
    elif type(rubric) is Sequential:
        config = {}
    elif (tell := getattr(rubric, "validation_config", None)) is None:
        return None
    else:
        config = tell()
    try:
        return None if config is None else codec.plain(config, RAW_MAX)
    except (TypeError, ValueError, RecursionError):
        return None
