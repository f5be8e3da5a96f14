"""A stub of a language model that judges, behind an OpenAI-compatible endpoint on 127.0.0.1: the same answer for the
same question, and whatever goes wrong with such endpoints when a test asks for it."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GARBAGE = "I would rather not say."


def is_good(question: str) -> bool:
    """Of records.py: the right answers hold 144, or its fraction, and the wrong ones 154."""
    return ("144" in question or "{288}{2}" in question) and "154" not in question


class Judge:
    """Use it as a context; `url` goes up to and with `/v1`."""

    def __init__(self, says: Callable[[str], str] = lambda question: "1" if is_good(question) else "0") -> None:
        # What the model answers to the text of all messages.
        self.says = says
        # `answers`, `garbage`, `nothing` (no content), `fails` (status 500), `refuses` (400), `busy` (429), `slow`
        # (waits until the stub ends), `drops` (hangs up).
        self.mode = "answers"
        # Of which questions the mode holds; the others are answered.
        self.when: Callable[[str], bool] = lambda question: True
        # The bodies and headers of all requests, in the order in which they came.
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._over = threading.Event()

    def __enter__(self) -> "Judge":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Status and body; None hangs up."""
        question = "\n\n".join(_text(each) for each in request["messages"])
        mode = self.mode if self.when(question) else "answers"
        if mode == "slow":
            self._over.wait()
        if mode in ("drops", "slow"):
            return None
        if status := {"fails": 500, "refuses": 400, "busy": 429}.get(mode):
            return status, {"error": {"message": f"the stub {mode}", "type": "stub", "code": str(status)}}
        content = {"garbage": GARBAGE, "nothing": None}[mode] if mode != "answers" else self.says(question)
        message = {"role": "assistant", "content": content}
        return 200, {
            "id": "stub",
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _handler(judge: Judge) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            judge.asked.append(request)
            judge.headers.append({name.lower(): value for name, value in self.headers.items()})
            if (reply := judge.reply(request)) is None:
                self.close_connection = True
                return
            status, content = reply
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
