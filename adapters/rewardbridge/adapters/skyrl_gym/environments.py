"""Makes environments of SkyRL-Gym, from a record."""

from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

from rewardbridge import fields
from rewardbridge.calling.attributes import with_attributes
from rewardbridge.loading import load_target
from rewardbridge.seam import LoadRefused, Source
from rewardbridge.suggestion import did_you_mean


def extras_of(record: fields.Json) -> fields.Json:
    """The data row without its prompt."""
    info = record.get("info") or {}
    spec = {"method": "rule", "ground_truth": fields.answer(record)}
    source = {key: value for key, value in (record.get("task") or {}).items() if key == "data_source"}
    return {"reward_spec": spec, "reward_model": spec, "extra_info": info, **source, **info}


def maker_of(source: Source, config: dict[str, Any]) -> Callable[[fields.Json], Any]:
    import skyrl_gym
    from skyrl_gym.envs.registration import EnvSpec, load_env_creator, registry

    if ":" in source.target:
        made = load_target(source)
        spec = EnvSpec(id=source.target, entry_point=made)
    elif source.target in registry:
        spec = registry[source.target]
        made = load_env_creator(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
    else:
        raise LoadRefused(f"could not find environment '{source.target}'", did_you_mean(source.target, registry))
    env_config = _config(made, config)
    return lambda extras: skyrl_gym.make(spec, env_config=env_config, extras=extras)


def _config(made: Any, given: dict[str, Any]) -> Any:
    """An object of the class that the environment asks for, else one with these attributes."""
    hint = get_type_hints(made.__init__).get("env_config") if isinstance(made, type) else None
    for each in (*get_args(hint), hint):
        if isinstance(each, type) and is_dataclass(each):
            try:
                return each(**given)
            except TypeError as error:
                raise LoadRefused(f"could not read args: env_config: {error}") from error
    return with_attributes(given) if given else None
