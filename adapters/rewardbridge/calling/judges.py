"""Language models that judge, behind OpenAI-compatible endpoints, as `args` name them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rewardbridge.calling.http import post_json
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import failed
from rewardbridge.seam import LoadRefused


@dataclass(frozen=True)
class Endpoint:
    """A model and where it is; the key is in no version and in no message."""

    model: str
    # Up to and with `/v1`; None leaves it to the library.
    url: str | None
    key: str | None = field(repr=False)


def endpoint_of(
    model: str | None, base_url: str | None, base_url_from: str | None, api_key_from: str | None
) -> Endpoint:
    """
    :param base_url_from: names the variable that holds the URL, as `api_key_from` does for the key.
    :raises LoadRefused: without a model, for two URLs, and for variables that are not set.
    """
    if model is None:
        raise LoadRefused("could not ask a judge: no model", hint="args: {model: NAME, base_url_from: NAME}")
    if base_url and base_url_from:
        raise LoadRefused("could not ask a judge: both base_url and base_url_from are set")
    url = _variable(base_url_from) if base_url_from else base_url
    return Endpoint(model, url.rstrip("/") if url else None, _variable(api_key_from) if api_key_from else None)


def complete(endpoint: Endpoint, messages: Sequence[Mapping[str, Any]], timeout: float, **request: Any) -> str:
    """The text that the model answers. Blocks; may be called on any thread.

    :raises NoScore: failed; an answer of another form is `judge_unparseable`.
    """
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    body = {"model": endpoint.model, "messages": list(messages), **request}
    url = f"{endpoint.url}/chat/completions"
    answer = post_json(url, body, timeout, headers, refused=Kind.JUDGE_FAILED)
    try:
        text = answer["choices"][0]["message"]["content"]
    except (LookupError, TypeError):
        text = None
    if not isinstance(text, str):
        raise NoScore(failed(Kind.JUDGE_UNPARSEABLE, f"{url} answered no text in choices[0].message.content"))
    return text


def _variable(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise LoadRefused(f"could not ask a judge: variable '{name}' is not set", f"env: [{name}] lets it in")
    return value
