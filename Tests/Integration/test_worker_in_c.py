"""Workers in other languages: the example in C, its page, and the bytes that RFC 002 shows."""

import json
import re
import shutil
import socket
import struct
import subprocess

import pytest

from support.deadline import DEADLINE
from support.frames import ByteReader
from support.process import ROOT
from support.tutorial import ENVIRONMENT_PORT, Tutorial

EXAMPLE = ROOT / "examples" / "worker-in-c"
DUMPS = re.compile(r"^```text (worker|bridge)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MACHINES_OWN = ("pid", "run_us")


@pytest.fixture
def example(tmp_path):
    """A copy of the example's folder, without what somebody built there."""
    return shutil.copytree(EXAMPLE, tmp_path / "worker-in-c", ignore=shutil.ignore_patterns("scorer", ".*"))


def test_the_page_shows_what_it_says(example, probe):
    tutorial = Tutorial(example)
    tutorial.ports[ENVIRONMENT_PORT] = probe.rpartition(":")[2]
    try:
        tutorial.follow(example / "README.md")
    finally:
        tutorial.stop(*list(tutorial.background))


def test_the_bytes_in_the_rfc_are_those_that_are_exchanged(example):
    page = (ROOT / "RFCs" / "002-worker-protocol.md").read_text()
    frames = [(who, bytes_of(dump)) for who, dump in DUMPS.findall(page)]
    assert [who for who, _ in frames] == ["worker", "bridge", "worker", "bridge", "worker", "bridge"]
    subprocess.run(["cc", "-std=c11", "-o", "scorer", *example.glob("*.c")], cwd=example, check=True)
    bridge, theirs = socket.socketpair()
    # Descriptor 3 of the child: a shell moves it there.
    command = ["bash", "-c", f"exec ./scorer 3<&{theirs.fileno()}"]
    with bridge, theirs, subprocess.Popen(command, cwd=example, pass_fds=[theirs.fileno()]) as worker:
        theirs.close()
        bridge.settimeout(DEADLINE)
        reader = ByteReader(bridge)
        for who, frame in frames:
            if who == "bridge":
                bridge.sendall(frame)
            else:
                head = reader.exactly(4)
                assert said(head + reader.exactly(*struct.unpack(">I", head))) == said(frame)
        assert worker.wait(DEADLINE) == 0


def bytes_of(dump: str) -> bytes:
    """Of `00000000: 0000 0059 7b22 ...  ...{"`, as xxd(1) writes it."""
    return bytes.fromhex("".join(line[10:49] for line in dump.splitlines()))


def said(frame: bytes) -> dict:
    """A frame's message, but for what differs from run to run."""
    assert struct.unpack_from(">I", frame) == (len(frame) - 4,)
    return {name: value for name, value in json.loads(frame[4:]).items() if name not in MACHINES_OWN}
