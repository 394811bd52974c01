"""The modem: opening, commands, what it says unasked, its life."""

from __future__ import annotations

import gc
import logging
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Rig

import nlftp
from nlftp.sim import VirtualModem


def test_a_command_gives_its_information_lines(rig: Rig) -> None:
    assert rig.modem.command("AT") == []
    assert rig.modem.command("AT+CSQ")[0].startswith("+CSQ: ")
    assert rig.modem.command(b"AT+CGMM") == ["NL668"]


def test_an_error_has_its_number_and_the_modems_words(rig: Rig) -> None:
    with pytest.raises(nlftp.CommandError) as raised:
        rig.modem.command("AT+FTPSYST")
    assert raised.value.kind == "command"
    assert isinstance(raised.value.code, int)
    assert raised.value.text
    assert raised.value.exit_status == 5
    with pytest.raises(nlftp.CommandError) as raised:
        rig.modem.command("AT+NOPE")
    assert raised.value.code is None or raised.value.code > 0
    assert rig.modem.command("AT") == []


def test_what_would_move_data_is_refused_before_a_byte_is_sent(rig: Rig) -> None:
    before = len(rig.sim.commands)
    for line in ("AT+FTPPUT=1,2", "AT+CSQ\rAT", "", "AT\0", "hello"):
        with pytest.raises(nlftp.InvalidArgument):
            rig.modem.command(line)
    assert len(rig.sim.commands) == before


def test_attach_and_info(rig: Rig) -> None:
    address = rig.modem.attach("CTNET")
    info = rig.modem.info()
    assert info.address == address
    assert info.model == "NL668"
    assert info.registration == 1
    assert info.signal is not None
    assert info.signal_dbm == -113 + 2 * info.signal
    rig.modem.detach()
    assert rig.modem.info().address is None


def test_unsolicited_lines_come_once_in_calls_or_dispatch(rig: Rig) -> None:
    lines: list[str] = []
    rig.modem.on_urc(lines.append)
    rig.sim.send_urc("+CREG: 5")
    dispatch_until(rig.modem, lambda: lines)
    assert lines == ["+CREG: 5"]
    rig.modem.on_urc(None)
    rig.sim.send_urc("+CREG: 1")
    assert rig.modem.command("AT") == []
    assert lines == ["+CREG: 5"]


def dispatch_until(modem: nlftp.Modem, over: Callable[[], object]) -> None:
    """Dispatches what comes, as an event loop does."""
    while not over():
        ready, _, _ = select.select([modem], [], [], 60)
        assert ready
        modem.dispatch()


def test_states_are_told(rig: Rig) -> None:
    states: list[str] = []
    rig.modem.on_state(states.append)
    with rig.login():
        assert rig.modem.state == "connected"
    rig.modem.command("AT")
    assert states[0] == "connected"
    assert states[-1] == "ready"


def test_waiting_in_a_callback_would_deadlock_and_says_so(rig: Rig) -> None:
    seen: list[BaseException] = []

    def callback(_: str) -> None:
        for wait in (lambda: rig.modem.command("AT"), rig.modem.close, rig.login):
            try:
                wait()
            except nlftp.WouldDeadlock as error:
                seen.append(error)

    rig.modem.on_urc(callback)
    before = len(rig.sim.commands)
    rig.sim.send_urc("+CREG: 5")
    dispatch_until(rig.modem, lambda: seen)
    assert len(seen) == 3
    assert len(rig.sim.commands) == before
    assert rig.modem.command("AT") == []


def test_what_a_callback_raises_reaches_the_caller_unchanged(rig: Rig) -> None:
    class OwnError(Exception):
        pass

    def callback(_: str) -> None:
        raise OwnError

    rig.modem.on_urc(callback)
    rig.sim.send_urc("+CREG: 5")
    with pytest.raises(OwnError):
        dispatch_until(rig.modem, lambda: False)
    rig.sim.send_urc("+CREG: 5")
    with pytest.raises(OwnError):
        while True:
            rig.modem.command("AT+CSQ")
    rig.modem.on_urc(None)
    assert rig.modem.command("AT") == []


def test_a_port_that_cannot_be_had(sim: VirtualModem, tmp_path: Path) -> None:
    with pytest.raises(nlftp.PortLost) as raised:
        nlftp.Modem("/dev/none")
    assert isinstance(raised.value, ConnectionError)
    assert "/dev/none" in str(raised.value)
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    with pytest.raises(nlftp.PortLost):
        nlftp.Modem(plain)
    with nlftp.Modem(sim.port), pytest.raises(nlftp.PortLost, match="taken"):
        nlftp.Modem(sim.port)


def test_a_device_that_does_not_answer(sim: VirtualModem) -> None:
    sim.set_silent(True)
    with pytest.raises(nlftp.Timeout) as raised:
        nlftp.Modem(sim.port, timeout=0.05)
    assert isinstance(raised.value, TimeoutError)


def test_a_lost_port_is_told_and_opened_again(rig: Rig) -> None:
    rig.sim.hang_up()
    with pytest.raises(nlftp.PortLost):
        while True:
            rig.modem.command("AT")
    assert rig.modem.state == "lost"
    with pytest.raises(nlftp.PortLost):
        rig.modem.reopen()


def test_closing_is_final(sim: VirtualModem) -> None:
    modem = nlftp.Modem(sim.port)
    ftp = None
    with modem:
        modem.attach()
        ftp = modem.ftp(sim.host, sim.user or "", sim.password or "", port=sim.server_port)
    assert modem.closed
    modem.close()
    calls: list[Callable[[], object]] = [
        lambda: modem.command("AT"),
        modem.fileno,
        modem.dispatch,
        modem.reopen,
        modem.__enter__,
        ftp.noop,
        lambda: ftp.put(b"", "x"),
        lambda: modem.on_urc(print),
    ]
    for call in calls:
        with pytest.raises(nlftp.Closed):
            call()
    # The next one gets the port, and a modem in command mode.
    with nlftp.Modem(sim.port) as again:
        assert again.command("AT") == []


def test_an_unclosed_modem_is_warned_of_and_closed(sim: VirtualModem) -> None:
    modem = nlftp.Modem(sim.port)
    with pytest.warns(ResourceWarning, match="unclosed modem"):
        del modem
        gc.collect()
    with nlftp.Modem(sim.port) as again:
        assert again.command("AT") == []


def test_cancel_ends_a_call_of_another_thread(rig: Rig) -> None:
    started = threading.Event()
    ended: list[BaseException] = []
    ftp = rig.login()

    class Endless:
        def read(self, size: int) -> bytes:
            started.set()
            return bytes(size)

    def upload() -> None:
        try:
            ftp.put(Endless(), "endless")
        except nlftp.Error as error:
            ended.append(error)

    thread = threading.Thread(target=upload)
    thread.start()
    assert started.wait(60)
    rig.modem.cancel()
    thread.join()
    assert [type(error) for error in ended] == [nlftp.Cancelled]
    assert rig.modem.command("AT") == []


def test_calls_of_many_threads_are_served_one_after_the_other(rig: Rig) -> None:
    ftp = rig.login()
    wrong: list[object] = []

    def work(number: int) -> None:
        content = bytes([number]) * 20_000
        sink = bytearray()
        ftp.put(content, f"file{number}")
        ftp.get(f"file{number}", sink)
        if sink != content:
            wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_other_threads_run_while_a_call_waits(rig: Rig) -> None:
    # Without letting go of the interpreter, the source of one thread could not wait for the other.
    ftp = rig.login()
    passed = threading.Event()
    waiting = threading.Event()

    class Source:
        def __init__(self) -> None:
            self.left = [b"x" * 10]

        def read(self, _: int) -> bytes:
            waiting.set()
            assert passed.wait(60)
            return self.left.pop() if self.left else b""

    def other() -> None:
        waiting.wait(60)
        passed.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert ftp.put(Source(), "source").bytes == 10
    thread.join()


# From 3.12 on the interpreter warns of what this test is about.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_touches_neither_port_nor_thread(rig: Rig) -> None:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            rig.modem.command("AT")
        except nlftp.Closed:
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert rig.modem.command("AT") == []


PROGRAM = """
import sys, nlftp
modem = nlftp.Modem(sys.argv[1])
modem.attach()
ftp = modem.ftp(sys.argv[2], "nlftp", "nlftp", port=int(sys.argv[3]))
{body}
"""


def run_program(sim: VirtualModem, body: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of its own; a hang would end the test."""
    program = PROGRAM.format(body=body)
    arguments = [sim.port, sim.host, str(sim.server_port)]
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "import threading; threading.Thread(target=ftp.noop).start()",
        # A daemon thread that waits for ever, as far as it is concerned.
        """
import threading, time
went = threading.Event()
class Endless:
    def read(self, size):
        went.set()
        return bytes(min(size, 10))
threading.Thread(target=lambda: ftp.put(Endless(), "endless"), daemon=True).start()
went.wait()
""",
        "f = ftp.open_write('w'); f.write(b'abc')",
        "modem.on_urc(print); sys.exit(0)",
    ],
    ids=["nothing", "thread", "daemon", "file", "exit"],
)
def test_nothing_hangs_at_the_interpreters_end(sim: VirtualModem, body: str) -> None:
    ended = run_program(sim, body)
    assert ended.returncode == 0, ended.stderr
    # Whatever it was in the middle of, the next one finds a modem in command mode.
    with nlftp.Modem(sim.port) as modem:
        assert modem.command("AT") == []


@pytest.mark.parametrize("via", ["stream", "block"])
def test_ctrl_c_ends_any_call_and_the_next_one_works(via: str) -> None:
    body = """
import os, signal, threading
# Where the tests run in the background, a shell has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
via = {via!r}
going = threading.Event()
def interrupt():
    going.wait()
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    # Would take a quarter of an hour on this line.
    ftp.put(bytes(10_000_000), "endless", via=via, progress=lambda *_: going.set())
except KeyboardInterrupt:
    print("interrupted")
assert ftp.pwd() == "/"
""".replace("{via!r}", repr(via))
    with VirtualModem(baud=115200) as sim:
        ended = run_program(sim, body)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "interrupted\n"


def test_messages_go_to_the_logger_with_secrets_masked(
    sim: VirtualModem, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(5, logger="nlftp"), nlftp.Modem(sim.port) as modem:
        modem.attach()
        with modem.ftp(sim.host, "nlftp", "nlftp", port=sim.server_port, account="secretive"):
            pass
        with pytest.raises(nlftp.NotConnected):
            modem.ftp(sim.host, "nlftp", "geheimnis", port=sim.server_port)
    assert "AT+FTPOPEN" in caplog.text
    assert "geheimnis" not in caplog.text
    assert "secretive" not in caplog.text
    assert {record.levelno for record in caplog.records} >= {5, logging.INFO, logging.WARNING}


def test_a_trace_file_has_the_traffic_with_secrets_masked(
    sim: VirtualModem, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    with nlftp.Modem(sim.port, trace=trace) as modem:
        modem.attach()
        with pytest.raises(nlftp.NotConnected):
            modem.ftp(sim.host, "nlftp", "geheimnis", port=sim.server_port)
    assert "AT+FTPOPEN" in trace.read_text()
    assert "geheimnis" not in trace.read_text()
