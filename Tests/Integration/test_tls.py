"""An environment behind TLS, with an authority of its own."""

import subprocess

import pytest

from support.bridge import Bridge, relayed, scored
from support.client import RawClient, ask, reset, step
from support.environment import PYTHON
from support.process import HERE, Process


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "1",
            "-subj",
            "/CN=localhost",
            "-addext",
            names,
            "-keyout",
            folder / "key.pem",
            "-out",
            folder / "certificate.pem",
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return folder


@pytest.fixture(scope="module")
def secure(certificate):
    server = Process(
        [
            PYTHON,
            "-m",
            "uvicorn",
            "environments.probe:app",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--ssl-keyfile",
            certificate / "key.pem",
            "--ssl-certfile",
            certificate / "certificate.pem",
        ],
        cwd=HERE,
    )
    port = server.wait_for(r"Uvicorn running on https://127\.0\.0\.1:(\d+)", 60)[1]
    yield f"https://localhost:{port}"
    server.stop()


def test_sessions_and_requests_go_through(secure, certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))
    with Bridge(tmp_path / "bridge", scored(secure, "scores.py:length")) as bridge:
        bridge.ready()
        assert ask(bridge.url, "GET /health").body == b'{"status":"healthy"}'
        with RawClient(bridge.url) as client:
            client.call(reset())
            assert client.call(step("abc"))["data"]["reward"] == 0.3
            assert client.close() == 1000


def test_an_unknown_authority_is_refused(secure, tmp_path, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with Bridge(tmp_path / "bridge", relayed(secure)) as bridge:
        bridge.ready()
        assert ask(bridge.url, "GET /health").status == 502
