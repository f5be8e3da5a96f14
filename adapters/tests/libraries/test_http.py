"""The adapter `http` against real servers on 127.0.0.1, some of which misbehave."""

import asyncio
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from calls import made, play, score, values
from records import RECORDS, said

from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

STEP = {"schema": "evalrec/1", "steps": [{"index": 1, "action": "go", "observation": {"x": 1}, "reward": 0.5}]}


class Server(BaseHTTPRequestHandler):
    """Answers what `answers` says to a request's JSON: a body, or a status and a body."""

    asked = []
    headers_seen = []
    answers = None
    barrier = None

    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"]))
        body = json.loads(text)
        self.asked.append(body)
        self.headers_seen.append(dict(self.headers.items()))
        if self.barrier:
            self.barrier.wait(20)
        answer = type(self).answers(body)
        status, said = answer if isinstance(answer, tuple) else (200, answer)
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        raise AssertionError("a POST was turned into a GET")

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    Server.asked, Server.headers_seen, Server.barrier = [], [], None
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/verify"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def ask(url, root):
    """Scores a record with a server that gives this answer."""

    def make(answer, record=STEP, **settings):
        Server.answers = lambda body: answer
        return score(made(f"http:{url}", root, **settings), record)

    return make


@pytest.fixture
def raw():
    """A server that answers a connection with these bytes, then hangs up; nothing: it never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve(content):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            if content is None:
                over.wait()
            else:
                connection.sendall(content)

    def make(content):
        threading.Thread(target=serve, args=(content,), daemon=True).start()
        return f"http:http://127.0.0.1:{listener.getsockname()[1]}/"

    yield make
    over.set()
    listener.close()


@pytest.mark.parametrize(
    ("answer", "reward"),
    [
        (0.25, 0.25),
        (1, 1.0),
        (True, 1.0),
        ({"reward": 0.5}, 0.5),
        ({"score": 0.75, "style": 0.1}, 0.75),
        ({"x": 2}, 2.0),
    ],
)
def test_numbers(ask, answer, reward):
    result = ask(answer)
    assert (result.status, result.reward) == ("scored", reward)


def test_the_parts_of_an_object(ask):
    result = ask({"total": 0.5, "style": 0.1, "why": "good"}, reward_key="total")
    assert (result.reward, values(result), result.labels) == (0.5, {"style": 0.1}, {"why": "good"})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, Kind.ABSTAINED),
        ({"reward": None}, Kind.ABSTAINED),
        (b"NaN", Kind.NOT_FINITE),
        (b'{"reward": Infinity}', Kind.NOT_FINITE),
        ("1.0", Kind.NOT_A_NUMBER),
        ([1.0], Kind.NOT_A_NUMBER),
        ({"a": 1, "b": 2}, Kind.NOT_A_NUMBER),
        (b"<html>", Kind.JUDGE_UNPARSEABLE),
        (b"", Kind.JUDGE_UNPARSEABLE),
        ((500, {"error": "no"}), Kind.VERIFIER_ERROR),
        ((404, b"no such page"), Kind.VERIFIER_ERROR),
        ((302, b""), Kind.VERIFIER_ERROR),
        ((429, b""), Kind.PROVIDER_QUOTA_EXHAUSTED),
        ((503, b""), Kind.PROVIDER_UNAVAILABLE),
        ((504, b""), Kind.TRANSPORT_TIMEOUT),
    ],
)
def test_no_score(ask, answer, kind):
    result = ask(answer)
    assert (result.kind, result.status, result.reward) == (kind, kind.status, None)
    assert len(Server.asked) == 1


def test_the_server_says_why(ask):
    assert "answered 500: out of cheese" in ask((500, b"out of cheese")).message


def test_nobody_listens(root):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert score(made(f"http:http://127.0.0.1:{port}/", root), STEP).kind is Kind.TRANSPORT_UNREACHABLE


@pytest.mark.parametrize(
    "content",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n0.5", b"no HTTP at all\r\n\r\n"],
    ids=["at once", "in the body", "no HTTP"],
)
def test_a_server_that_hangs_up(raw, root, content):
    assert score(made(raw(content), root), STEP).kind is Kind.TRANSPORT_PEER_DROP


def test_a_server_that_does_not_answer(raw, root):
    result = score(made(raw(None), root, args={"timeout": 0.2}), STEP)
    assert result.kind is Kind.TRANSPORT_TIMEOUT and "within 0.2 s" in result.message


def test_an_answer_that_never_ends(raw, root, monkeypatch):
    monkeypatch.setattr("rewardbridge.calling.http.ANSWER_MAX", 1000)
    result = score(made(raw(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 5000 + b"1"), root), STEP)
    assert result.kind is Kind.VERIFIER_ERROR and "more than 1000 bytes" in result.message


def test_the_record_goes_as_it_is(ask):
    record = STEP | {"steps": [{"index": 1, "action": "\ud800 €", "observation": {"x": float("inf")}}]}
    assert ask(1, record).reward == 1.0
    assert Server.asked == [record]


def test_the_body_text(ask):
    record = RECORDS["tools"]
    ask(1, record, args={"body": "text"}, columns=["difficulty"])
    [body] = Server.asked
    assert body == {
        "prompt": "\n\n".join(each["content"] for each in record["prompt"]),
        "completion": record["messages"][-1]["content"],
        "answer": "144",
        "info": {"difficulty": "easy"},
    }


def test_the_body_messages(ask):
    ask(1, RECORDS["tools"], args={"body": "messages", "needs": ["messages"]})
    [body] = Server.asked
    assert sorted(body) == ["info", "messages"]
    assert [each["role"] for each in body["messages"]] == ["assistant", "tool", "assistant", "tool", "assistant"]


@pytest.mark.parametrize(
    ("args", "record", "missing"),
    [
        ({}, RECORDS["right"], "steps"),
        ({"body": "text"}, RECORDS["no gold"], "answer"),
        ({"needs": ["history", "answer"]}, STEP, "answer"),
    ],
)
def test_what_is_missing_is_not_asked_for(ask, args, record, missing):
    result = ask(1, record, args=args)
    assert result.kind is Kind.NEEDS and result.message == f"the record holds no {missing}" and Server.asked == []


def test_a_column_that_is_missing(ask):
    assert ask(1, columns=["difficulty"]).message == "the record holds no info.difficulty"


def test_secrets_come_from_variables_and_are_nowhere_else(ask, url, root, monkeypatch):
    monkeypatch.setenv("VERIFIER_TOKEN", "Bearer s3cret\n")
    result = ask(
        (401, b"who are you?"), args={"headers_from": {"Authorization": "VERIFIER_TOKEN"}, "headers": {"X-A": 1}}
    )
    [seen] = Server.headers_seen
    assert (seen["Authorization"], seen["X-A"]) == ("Bearer s3cret", "1")
    assert "s3cret" not in repr(result)
    monkeypatch.delenv("VERIFIER_TOKEN")
    with pytest.raises(LoadRefused, match="variable 'VERIFIER_TOKEN' .* not set") as refused:
        made(f"http:{url}", root, args={"headers_from": {"Authorization": "VERIFIER_TOKEN"}})
    assert refused.value.hint == "env: [VERIFIER_TOKEN] lets it in"


def test_requests_wait_together(url, root):
    Server.barrier, Server.answers = threading.Barrier(4), lambda body: body["completion"] == "b"
    component = made(f"http:{url}", root, args={"body": "text", "needs": ["completion"]})
    assert component.describe().asynchronous

    async def all_of_them():
        return await asyncio.gather(*(component.score("e/1", said(text)) for text in "abcd"))

    assert [each.reward for each in asyncio.run(all_of_them())] == [0.0, 1.0, 0.0, 0.0]


def test_a_batch_is_one_request(url, root):
    Server.answers = lambda bodies: [len(each["completion"]) for each in bodies]
    args = {"body": "text"}
    component = made(f"http:{url}", root, unit="batch", elementwise=True, args=args)
    assert component.describe().elementwise and not component.describe().asynchronous
    records = [RECORDS["empty"], RECORDS["no gold"], RECORDS["right"]]
    results = component.score_batch(records)
    assert [each.status for each in results] == ["scored", "unscored", "scored"] and len(Server.asked) == 1
    assert [each.reward for each in results] == [play(component, [each])[0].reward for each in records]


def test_a_batch_with_one_score_too_few(url, root):
    Server.answers = lambda bodies: [1.0] * (len(bodies) - 1)
    component = made(f"http:{url}", root, unit="batch", args={"body": "text"})
    assert score(component, RECORDS["right"]).kind is Kind.WRONG_COUNT


def test_a_group(url, root):
    Server.answers = lambda bodies: [{"reward": place} for place, _ in enumerate(bodies)]
    component = made(f"http:{url}", root, unit="group", args={"body": "text"})
    result = score(component, {"members": [RECORDS["right"], RECORDS["wrong"]]})
    assert [each.reward for each in result.members] == [0.0, 1.0]
    Server.answers = lambda bodies: 1.0
    assert score(component, {"members": [RECORDS["right"]]}).kind is Kind.WRONG_COUNT
    unmet = score(component, {"members": [RECORDS["right"], RECORDS["no gold"]]})
    assert (unmet.kind, unmet.message) == (Kind.NEEDS, "member 2 of the group holds no answer")


@pytest.mark.parametrize("target", ["verify", "file:///etc/passwd", "http://", "http://a:b@host/", "http://host:0/"])
def test_what_is_no_url(root, target):
    with pytest.raises(LoadRefused, match="not a URL"):
        made(f"http:{target}", root)


@pytest.mark.parametrize(
    "settings", [{"args": {"body": "txt"}}, {"args": {"needs": ["gold"]}}, {"args": {"timeout": 0}}]
)
def test_settings_that_do_not_fit(root, settings):
    with pytest.raises(LoadRefused):
        made("http:http://127.0.0.1:1/", root, **settings)


def test_the_description(root):
    description = made("http:http://127.0.0.1:1/", root, unit="episode", range=[0, 1]).describe()
    assert description.needs == ["action", "observation", "history"]
    assert description.mutable and description.deterministic is None and description.range == (0.0, 1.0)


def test_the_example(example, url):
    Server.answers = lambda body: {"reward": float(body["answer"] in body["completion"])}
    component, records = example("http")
    component.url = url
    assert [score(component, each).reward for each in records] == [1.0, 0.0]
