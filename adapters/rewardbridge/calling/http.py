"""A small HTTP client for verifiers and judges: POSTs JSON, and reads JSON."""

import errno
import http.client
import json
import ssl
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from rewardbridge import codec
from rewardbridge.failures import NoScore, message_of
from rewardbridge.kinds import Kind
from rewardbridge.result import failed
from rewardbridge.texts import clean

# The largest answer that is read, and how much of a refusal is told.
ANSWER_MAX = 16 * 1024 * 1024
EXCERPT_MAX = 300

_STATUSES = {
    408: Kind.TRANSPORT_TIMEOUT,
    429: Kind.PROVIDER_QUOTA_EXHAUSTED,
    502: Kind.PROVIDER_UNAVAILABLE,
    503: Kind.PROVIDER_UNAVAILABLE,
    504: Kind.TRANSPORT_TIMEOUT,
}
_LOCAL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL)


class _NoRedirects(HTTPRedirectHandler):
    """A redirected POST becomes a GET without a body, and takes secret headers along to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirects)


def post_json(
    url: str, body: Any, timeout: float, headers: Mapping[str, str] | None = None, refused: Kind = Kind.VERIFIER_ERROR
) -> Any:
    """What the server answers. Blocks; may be called on any thread. Redirects are not followed.

    :param timeout: seconds, for the answer as a whole once its head is there, and for each wait before.
    :param refused: the kind for a status that says neither that the server is busy nor that it was slow.
    :raises NoScore: failed, with the kind that says what went wrong.
    """
    # Unlike codec.encode: records may hold what only Python's JSON can say, and nothing here makes null of a NaN.
    content = json.dumps(body, separators=(",", ":")).encode()
    request = Request(
        url, content, {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    )
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            text = _read(answer, monotonic() + timeout)
    except HTTPError as error:
        with error:
            kind = _STATUSES.get(error.code, refused)
            raise _no_score(kind, f"{url} answered {error.code}{_excerpt(error)}") from error
    except (OSError, http.client.HTTPException) as error:
        cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        seconds = f" (within {timeout:g} s)" if _kind_of(cause) is Kind.TRANSPORT_TIMEOUT else ""
        raise _no_score(_kind_of(cause), f"no answer from {url}{seconds}: {message_of(cause)}") from error
    try:
        return codec.decode(text)
    except codec.Unreadable as error:
        begin = clean(repr(text[:EXCERPT_MAX]), EXCERPT_MAX)
        raise _no_score(Kind.JUDGE_UNPARSEABLE, f"{url} answered what is no JSON: {begin}") from error


def _read(answer: Any, deadline: float) -> bytes:
    """In pieces: a server that sends a byte now and then does not hold the call for ever."""
    pieces: list[bytes] = []
    size = 0
    while piece := answer.read1(65536):
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_MAX:
            raise _no_score(Kind.VERIFIER_ERROR, f"{answer.url} answered more than {ANSWER_MAX} bytes")
        if monotonic() > deadline:
            raise TimeoutError("the answer came too slowly")
    if answer.length:
        raise http.client.IncompleteRead(b"".join(pieces), answer.length)
    return b"".join(pieces)


def _kind_of(error: BaseException) -> Kind:
    if isinstance(error, TimeoutError):
        return Kind.TRANSPORT_TIMEOUT
    if isinstance(error, (ConnectionResetError, BrokenPipeError, http.client.HTTPException)):
        return Kind.TRANSPORT_PEER_DROP
    if isinstance(error, OSError) and error.errno in _LOCAL and not isinstance(error, ssl.SSLError):
        return Kind.TRANSPORT_LOCAL_RESOURCE
    return Kind.TRANSPORT_UNREACHABLE


def _excerpt(error: HTTPError) -> str:
    """Why, in the server's words, if it says so."""
    try:
        text = error.read(EXCERPT_MAX).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException):
        text = ""
    return f": {text}" if text else f" {error.reason}"


def _no_score(kind: Kind, message: str) -> NoScore:
    return NoScore(failed(kind, message))
