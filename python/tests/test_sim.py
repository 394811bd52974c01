"""The virtual modem as Python programs use it."""

from __future__ import annotations

import gc
import itertools
import os
import pathlib
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import nlftp
from nlftp.sim import Server, VirtualModem


def round_trip(sim: VirtualModem, data: bytes) -> None:
    """Moves a file up through the modem and down again."""
    with nlftp.Modem(sim.port) as modem, sim.server.login(modem) as ftp:
        ftp.put(data, "file.bin")
        back = bytearray()
        ftp.get("file.bin", back)
        assert back == data


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in an interpreter of its own; the time limit is for one that hangs."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_modem_with_a_server_and_a_folder() -> None:
    with VirtualModem() as sim:
        assert os.path.exists(sim.port)  # noqa: PTH110
        (sim.root / "hello.txt").write_text("hello")
        with nlftp.Modem(sim.port) as modem:
            with modem.ftp(sim.host, sim.user, sim.password, port=sim.server_port) as ftp:
                found = bytearray()
                ftp.get("hello.txt", found)
                assert found == b"hello"
            # The embedded server stands for every host.
            with modem.ftp("ftp.example.com", sim.user, sim.password) as ftp:
                assert [entry.name for entry in ftp.list()] == ["hello.txt"]


def test_a_temporary_folder_goes_and_a_given_one_stays(tmp_path: pathlib.Path) -> None:
    with VirtualModem() as sim:
        temporary = sim.root
        assert temporary.is_dir()
    assert not temporary.exists()
    assert sim.root == temporary
    with VirtualModem(tmp_path) as sim:
        assert sim.root == tmp_path
        round_trip(sim, b"stays")
    assert (tmp_path / "file.bin").read_bytes() == b"stays"


def test_a_link_leads_to_the_port(tmp_path: pathlib.Path) -> None:
    link = tmp_path / "modem"
    with VirtualModem(link=link) as sim:
        assert sim.port == str(link)
        assert link.is_symlink()
        round_trip(sim, b"by link")
    assert not link.is_symlink()


def test_paths_may_have_octets_that_are_no_text(tmp_path: pathlib.Path) -> None:
    link = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    with VirtualModem(link=link) as sim:
        assert sim.port == link


def test_the_embedded_servers_login() -> None:
    with VirtualModem(user="so:mé", password="p@ss/") as sim:
        assert (sim.user, sim.password) == ("so:mé", "p@ss/")
        url = f"ftp://so%3Am%C3%A9:p%40ss%2F@{sim.host}:{sim.server_port}/"
        assert sim.server.url == url
        round_trip(sim, b"with a login")
        with nlftp.Modem(sim.port) as modem, pytest.raises(nlftp.NotConnected):
            modem.ftp(sim.host, sim.user, "wrong", port=sim.server_port)


def test_another_server_in_place_of_the_embedded_one() -> None:
    with VirtualModem() as other, VirtualModem(server=f"{other.host}:{other.server_port}") as sim:
        assert (sim.host, sim.server_port) == (other.host, other.server_port)
        with nlftp.Modem(sim.port) as modem, other.server.login(modem) as ftp:
            ftp.put(b"elsewhere", "file")
        assert (other.root / "file").read_bytes() == b"elsewhere"
        for name in ("root", "user", "password", "server"):
            with pytest.raises(AttributeError, match="names another FTP server"):
                getattr(sim, name)


def test_a_server_enters_its_directory(tmp_path: pathlib.Path) -> None:
    (tmp_path / "in" / "here").mkdir(parents=True)
    with VirtualModem(tmp_path) as sim, nlftp.Modem(sim.port) as modem:
        login = (sim.host, sim.server_port, sim.user, sim.password)
        with Server(*login, directory="in/here").login(modem) as ftp:
            assert ftp.pwd() == "/in/here"
        with pytest.raises(nlftp.Refused):
            Server(*login, directory="gone").login(modem)
        # The connection of the failed login was closed again.
        with Server(*login).login(modem) as ftp:
            assert ftp.pwd() == "/"
    assert "'nlftp'" not in repr(Server("host", 21, "user", "nlftp"))


def test_a_detached_modem_attaches_with_its_login() -> None:
    with VirtualModem(detached=True, apn_user="sub", apn_password="scriber") as sim:
        with nlftp.Modem(sim.port) as modem:
            assert modem.info().address is None
            with pytest.raises(nlftp.CommandError):
                sim.server.login(modem)
            with pytest.raises(nlftp.CommandError):
                modem.attach("CTNET", "sub", "wrong")
            assert modem.attach("CTNET", "sub", "scriber")
        round_trip(sim, b"attached")


@pytest.mark.parametrize("dialect", ["colon=tight", {"colon": "tight", "outcome_before_ok": True}])
def test_dialects(dialect: Any) -> None:
    with VirtualModem(dialect=dialect) as sim, nlftp.Modem(sim.port) as modem:
        assert modem.command("AT+FTPMODE?") == ["+FTPMODE:0"]


def test_dtr() -> None:
    with VirtualModem(dtr="ignored") as sim, nlftp.Modem(sim.port) as modem:
        modem.command("AT&D2")
    sim = VirtualModem(dtr="absent")
    with sim, nlftp.Modem(sim.port) as modem, pytest.raises(nlftp.CommandError):
        modem.command("AT&D2")


def test_commands_fail_once_each(tmp_path: pathlib.Path) -> None:
    (tmp_path / "here").mkdir()
    sim = VirtualModem(tmp_path, failures=[("FTPCWD", 628), ("at+ftpcwd", 606)])
    with sim, nlftp.Modem(sim.port) as modem, sim.server.login(modem) as ftp:
        for code in (628, 606):
            with pytest.raises(nlftp.CommandError) as failed:
                ftp.cwd("here")
            assert failed.value.code == code
        ftp.cwd("here")
        assert ftp.pwd() == "/here"


def test_transfers_are_cut_and_resumed() -> None:
    data = os.urandom(250_000)
    with VirtualModem(cut_after=100_000) as sim:
        attempts = 0
        while True:
            attempts += 1
            assert attempts < 20
            try:
                with nlftp.Modem(sim.port) as modem, sim.server.login(modem) as ftp:
                    ftp.put(data, "file.bin", via="stream", resume=True)
                    break
            except (nlftp.Refused, nlftp.NotConnected):
                pass
        assert attempts > 1
        assert (sim.root / "file.bin").read_bytes() == data


def test_transfers_are_cut_and_tried_again() -> None:
    data = os.urandom(250_000)
    with (
        VirtualModem(cut_after=100_000) as sim,
        nlftp.Modem(sim.port) as modem,
        sim.server.login(modem) as ftp,
    ):
        done = ftp.put(data, "file.bin", via="stream", retry=999, retry_delay=0.001)
        assert (sim.root / "file.bin").read_bytes() == data
        assert (done.bytes, done.resumed_from) == (len(data), 0)
        assert "tried again after" in done.warnings[0]


def test_a_line_with_faults() -> None:
    data = os.urandom(300_000)
    faults = {"seed": 5, "urc": 50, "delay": 5, "reset": 5}
    with (
        VirtualModem(faults=faults) as sim,
        nlftp.Modem(sim.port) as modem,
        sim.server.login(modem) as ftp,
    ):
        ftp.put(data, "file.bin", retry=99, retry_delay=0.001)
        assert (sim.root / "file.bin").read_bytes() == data


def test_answers_take_their_time() -> None:
    with VirtualModem(turnaround=0.05) as sim, nlftp.Modem(sim.port) as modem:
        began = time.monotonic()
        modem.command("AT")
        assert time.monotonic() - began >= 0.05


def test_the_line_has_its_pace() -> None:
    sim = VirtualModem(baud=115_200)
    with sim, nlftp.Modem(sim.port) as modem, sim.server.login(modem) as ftp:
        began = time.monotonic()
        ftp.put(bytes(range(32, 127)) * 40, "file", verify="none")
        # Ten bits a byte; a tenth is left for what a pace may give in advance.
        assert time.monotonic() - began >= 3800 * 10 / 115_200 * 0.9


def test_commands_are_as_they_were_sent() -> None:
    with VirtualModem(password="geheim") as sim, nlftp.Modem(sim.port) as modem:
        before = len(sim.commands)
        with sim.server.login(modem) as ftp, pytest.raises(nlftp.Refused):
            ftp.cwd(b"\xff")
        commands = sim.commands[before:]
        assert any("geheim" in line for line in commands)
        assert 'AT+FTPCWD="\udcff"' in commands


def test_lines_that_nobody_asked_for() -> None:
    with VirtualModem() as sim, nlftp.Modem(sim.port) as modem:
        heard: list[str] = []
        modem.on_urc(heard.append)
        sim.send_urc("+CREG: 1")
        sim.send_urc(b"RING")
        while len(heard) < 2:
            assert select.select([modem], [], [], 60)[0]
            modem.dispatch()
        assert heard == ["+CREG: 1", "RING"]
        for bad in ("", "two\nlines", "end\r"):
            with pytest.raises(ValueError, match="one line"):
                sim.send_urc(bad)
        with pytest.raises(TypeError):
            sim.send_urc(1)  # type: ignore[arg-type]


def test_a_silent_modem_takes_commands_and_does_not_answer() -> None:
    with VirtualModem() as sim:
        sim.set_silent(True)
        with pytest.raises(nlftp.Timeout):
            nlftp.Modem(sim.port, timeout=0.1)
        sim.set_silent(False)
        round_trip(sim, b"speaks again")
        with pytest.raises(TypeError):
            sim.set_silent(1)  # type: ignore[arg-type]


def test_an_unplugged_port() -> None:
    with VirtualModem() as sim, nlftp.Modem(sim.port) as modem:
        sim.hang_up()
        with pytest.raises(nlftp.PortLost):
            for command in itertools.repeat("AT"):
                modem.command(command)
        with pytest.raises(nlftp.PortLost):
            nlftp.Modem(sim.port)


def test_closing() -> None:
    sim = VirtualModem()
    assert not sim.closed
    round_trip(sim, b"before")
    commands = sim.commands
    assert commands
    assert repr(sim) == f"<VirtualModem {sim.port}, server {sim.host}:{sim.server_port}>"
    sim.close()
    sim.close()
    assert sim.closed
    assert sim.commands == commands
    assert repr(sim) == f"<VirtualModem {sim.port}, closed>"
    calls: list[Callable[[], object]] = [
        sim.hang_up,
        lambda: sim.send_urc("RING"),
        lambda: sim.set_silent(True),
    ]
    for call in calls:
        with pytest.raises(nlftp.Closed, match="closed"):
            call()
    with pytest.raises(nlftp.PortLost):
        nlftp.Modem(sim.port)


def test_one_that_is_forgotten_ends_with_a_warning() -> None:
    sim = VirtualModem()
    port, root = sim.port, sim.root
    with pytest.warns(ResourceWarning, match=f"unclosed virtual modem on {port}"):
        del sim
        gc.collect()
    assert not root.exists()


def test_the_interpreter_ends_with_one_open() -> None:
    script = """if True:
        import nlftp, nlftp.sim
        sim = nlftp.sim.VirtualModem()
        modem = nlftp.Modem(sim.port)
        ftp = sim.server.login(modem)
        other = nlftp.sim.VirtualModem()
        print(sim.root)
        print(other.root)
        """
    ended = run(script)
    assert ended.returncode == 0, ended.stderr
    roots = ended.stdout.split()
    assert len(roots) == 2
    assert not any(pathlib.Path(root).exists() for root in roots)


def test_a_forked_child_leaves_it_alone() -> None:
    script = """if True:
        import os, sys, warnings
        import nlftp, nlftp.sim
        warnings.simplefilter("ignore")
        sim = nlftp.sim.VirtualModem()
        child = os.fork()
        if child == 0:
            try:
                sim.send_urc("RING")
            except nlftp.Closed:
                sim.close()
                sim.close()
                del sim
                sys.exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        with nlftp.Modem(sim.port) as modem, sim.server.login(modem) as ftp:
            ftp.put(b"goes on", "file")
        assert (sim.root / "file").read_bytes() == b"goes on"
        sim.close()
        """
    ended = run(script)
    assert ended.returncode == 0, ended.stderr


def test_many_at_once() -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with VirtualModem() as sim:
                round_trip(sim, b"%d" % number * 1000)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"colour": "red"}, TypeError, "no option 'colour', but these: root, link, server, user"),
        ({"server": "host"}, ValueError, "server has to be HOST:PORT"),
        ({"server": b"host:1"}, TypeError, "server has to be str, not bytes"),
        ({"root": ""}, ValueError, "root is an empty path"),
        ({"root": "a\0b"}, ValueError, "NUL"),
        ({"root": 1}, TypeError, "PathLike"),
        ({"root": "/dev/null/folder"}, NotADirectoryError, "is not a folder"),
        ({"link": "/proc/link"}, OSError, "cannot make a virtual modem"),
        ({"baud": 0}, ValueError, "baud has to be from 1"),
        ({"baud": True}, TypeError, "baud has to be int, not bool"),
        ({"baud": "9600"}, TypeError, "baud has to be int, not str"),
        ({"turnaround": -0.1}, ValueError, "turnaround has to be from 0 to 4294967 seconds"),
        ({"turnaround": float("nan")}, ValueError, "turnaround has to be from 0"),
        ({"turnaround": float("inf")}, ValueError, "turnaround has to be from 0"),
        ({"turnaround": 1e18}, ValueError, "turnaround has to be from 0"),
        ({"turnaround": "1"}, TypeError, "turnaround has to be a number of seconds, not str"),
        ({"dtr": "broken"}, ValueError, "dtr has to be present, ignored or absent"),
        ({"detached": 1}, TypeError, "detached has to be True or False, not int"),
        ({"apn_password": "x"}, ValueError, "apn_password is set, but no apn_user"),
        ({"server": "h:1", "root": "/"}, ValueError, "root is of the embedded FTP server"),
        ({"server": "h:1", "cut_after": 1}, ValueError, "cut_after is of the embedded FTP server"),
        ({"tls_ca": "/dev/null/ca.pem"}, OSError, "/dev/null/ca.pem"),
        ({"tls_ca": __file__}, ValueError, "certificate"),
        ({"tls_ca": b"ca.pem"}, TypeError, "tls_ca"),
        ({"cut_after": -1}, ValueError, "cut_after has to be from 0"),
        ({"dialect": "colour=red"}, ValueError, 'no setting "colour", but these: colon, '),
        ({"dialect": {"colon": "red"}}, ValueError, "but one of: space_after, tight"),
        ({"faults": {"melt": 1}}, ValueError, "is none of seed=N, drop=N"),
        ({"faults": 1}, TypeError, "faults has to be a str or a mapping, not int"),
        ({"dialect": 1}, TypeError, "dialect has to be a str or a mapping, not int"),
        ({"failures": {"FTPCWD": -1}}, ValueError, "failures has to be from 0 to 65535"),
        ({"failures": {"AT+FTPCWD=1": 1}}, ValueError, "name a command, such as 'FTPCWD'"),
        ({"failures": ["FTPCWD"]}, TypeError, "pairs of a command and a code"),
        ({"user": "\ud800"}, ValueError, "user has a surrogate"),
    ],
)
def test_wrong_options(options: dict[str, Any], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error) as raised:
        VirtualModem(**options)
    assert sentence in str(raised.value)
