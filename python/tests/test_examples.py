"""The examples do what they say; each runs as its first lines tell, on virtual modems."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
from typing import NamedTuple

import pytest
from test_pytest_plugin import PLUGIN

import nlftp
from nlftp.sim import VirtualModem

pytest_plugins = ["pytester"]

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "python"


class Ended(NamedTuple):
    """What a program said, and how it ended."""

    status: int
    output: str
    errors: str


def run(name: str, *arguments: str | os.PathLike[str]) -> Ended:
    """Runs an example; the time limit is for one that hangs."""
    command = [sys.executable, EXAMPLES / name, *arguments]
    environment = os.environ | {"FTP_PASSWORD": "nlftp"}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=300)
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def login(sim: VirtualModem) -> list[str]:
    return [sim.host, str(sim.server_port), sim.user]


def content(folder: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write(folder: pathlib.Path, sizes: dict[str, int]) -> dict[str, bytes]:
    """Makes files of random content."""
    folder.mkdir(exist_ok=True)
    for name, size in sizes.items():
        (folder / name).write_bytes(os.urandom(size))
    return content(folder)


def test_upload_with_progress(tmp_path: pathlib.Path) -> None:
    files = write(tmp_path / "files", {"firmware.bin": 300_000, "empty": 0})
    with VirtualModem() as sim:
        for name in files:
            done = run("upload_with_progress.py", sim.port, *login(sim), tmp_path / "files" / name)
            assert done.status == 0, done.errors
            size = f"{len(files[name]):,} bytes"
            assert done.output.startswith(f"{name}: {size}")
            share = "100%  " if files[name] else ""
            assert done.errors.endswith(f"\r{share}{size}\n")
        assert content(sim.root) == files
        missing = run("upload_with_progress.py", sim.port, *login(sim), tmp_path / "missing")
    assert missing.status == nlftp.LocalFileError.exit_status
    assert "missing" in missing.errors.splitlines()[-1]


def test_nightly_logs(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "logs"
    logs = write(folder, {"a.log": 250_000, "b.log": 10, "c.log": 60_000})
    (folder / "notes.txt").write_text("no log")
    with VirtualModem(cut_after=100_000) as sim:
        done = run("nightly_logs.py", sim.port, *login(sim), folder)
        assert done.status == 0, done.errors
        assert content(sim.root) == logs
    assert content(folder / "sent") == logs
    assert [path.name for path in folder.glob("*.*")] == ["notes.txt"]
    assert "a.log: tried again" in done.errors
    assert "b.log: 10 bytes, from 0" in done.output
    # Cut off behind 100,000 bytes, and again behind as many: all of it went within one call.
    assert "a.log: 250000 bytes, from 0" in done.output


def test_nightly_logs_goes_on_in_the_next_run(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "logs"
    logs = write(folder, {"a.log": 400_000})
    with VirtualModem(baud=921_600) as sim:
        example = EXAMPLES / "nightly_logs.py"
        command = [sys.executable, *map(str, [example, sim.port, *login(sim), folder])]
        environment = os.environ | {"FTP_PASSWORD": "nlftp"}
        with subprocess.Popen(command, env=environment) as killed:
            arrived = sim.root / "a.log"
            while not arrived.exists() or arrived.stat().st_size < 50_000:
                assert killed.poll() is None, "it was through before it could be killed"
                time.sleep(0.01)
            killed.kill()
        assert (folder / "a.log").read_bytes() == logs["a.log"]
        done = run("nightly_logs.py", sim.port, *login(sim), folder)
        assert done.status == 0, done.errors
        assert content(sim.root) == logs
    assert content(folder / "sent") == logs
    (last,) = (line for line in done.output.splitlines() if line.startswith("a.log: "))
    assert int(last.rpartition(" ")[2]) > 0


def test_asyncio_two_modems(tmp_path: pathlib.Path) -> None:
    files = write(tmp_path / "files", {f"{number}.bin": 20_000 * number for number in range(8)})
    with VirtualModem() as one, VirtualModem(server=f"{one.host}:{one.server_port}") as two:
        ports = [one.port, two.port]
        done = run("asyncio_two_modems.py", *login(one), tmp_path / "files", *ports)
        assert done.status == 0, done.errors
        assert content(one.root) == files
        # Both were logged in, however many files each has got.
        for sim in (one, two):
            assert any(line.startswith("AT+FTPOPEN=") for line in sim.commands)
    moved = {line.split(": ")[1]: line.split(": ")[0] for line in done.output.splitlines()}
    assert moved.keys() == {f"{name}, {len(data)} bytes" for name, data in files.items()}
    assert set(moved.values()) <= set(ports)


def test_gateway(pytester: pytest.Pytester) -> None:
    options = [*PLUGIN, "-p", "no:cacheprovider", "--strict-markers"]
    result = pytester.runpytest_subprocess(*options, EXAMPLES / "test_gateway.py", timeout=300)
    result.assert_outcomes(passed=4)


def test_all_examples_are_run() -> None:
    here = pathlib.Path(__file__)
    tests = here.read_text() + here.with_name("test_ftplib_example.py").read_text()
    for example in EXAMPLES.glob("*.py"):
        assert example.name in tests, example.name
