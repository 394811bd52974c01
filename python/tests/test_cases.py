"""The table of protocol cases runs through Python: what is asked for sends the same bytes."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal, cast

import pytest
from protocol_cases import CLOSING, LOGIN, OPENING, Case, Peer, Step, read_cases, unescape_word

import nlftp
import nlftp.aio

#: Long: a loaded machine must not run into it.
LARGE = 100.0
#: For cases that a limit ends: the first try, doubled where a machine was too busy for it.
SMALL = 0.5

CASES = read_cases()


class Call:
    """The call of a case, read."""

    def __init__(self, line: str) -> None:
        self.verb, _, self.rest = line.partition(" ")
        self.words = self.rest.split()
        self.texts = [unescape_word(word) for word in self.words]

    def setting(self, name: str) -> bytes | None:
        for word in self.words:
            if word.startswith(f"{name}="):
                return unescape_word(word[len(name) + 1 :])
        return None

    def number(self, name: str) -> int:
        return int(self.setting(name) or b"0")

    def text(self, index: int) -> bytes | None:
        return self.texts[index] if index < len(self.texts) else None

    def options(self) -> dict[str, Any]:
        return {
            "via": self.words[1],
            "type": "ascii" if "ascii" in self.words else "binary",
            "verify": "none",
            "offset": self.number("offset"),
        } | ({"temporary": True} if "temporary" in self.words else {})

    def login(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        port = self.setting("port")
        return (self.texts[0].decode(), self.texts[1], self.texts[2]), {
            "port": None if port is None else int(port),
            "tls": "tls" in self.words,
            "account": self.setting("account"),
            "passive": "active" not in self.words,
            "source_control_port": self.number("source_control_port"),
            "source_data_port": self.number("source_data_port"),
        }


def started(call: Call, modem: Any, ftp: Any) -> tuple[Any, bytearray]:
    """Makes the call; what it gives, or what is to be awaited; and the sink of a download."""
    sink = bytearray()
    verb = call.verb
    if verb == "command":
        return modem.command(call.rest), sink
    if verb == "login":
        positional, keywords = call.login()
        return modem.ftp(*positional, **keywords), sink
    if verb == "info":
        return ftp.on_info((lambda _: None) if "on" in call.words else None), sink
    if verb == "attach":
        return modem.attach(*(text.decode() for text in call.texts)), sink
    if verb == "detach":
        return modem.detach(), sink
    if verb == "set_ftp_limit":
        return modem.set_ftp_limit(int(call.words[0])), sink
    if verb == "put":
        source = call.texts[2] if len(call.words) > 2 and "=" not in call.words[2] else b""
        return ftp.put(source, call.texts[0], **call.options()), sink
    if verb == "get":
        return ftp.get(call.texts[0], sink, **call.options()), sink
    if verb in ("list", "stat"):
        return getattr(ftp, verb)(call.text(0)), sink
    return getattr(ftp, verb)(*call.texts), sink


def described(call: Call, value: Any, sink: bytearray) -> bytes:
    """A result as the table has it."""
    match call.verb:
        case "command" | "stat":
            return "|".join(value).encode("utf-8", "surrogateescape")
        case "attach" | "pwd" | "syst":
            return cast("str", value).encode("utf-8", "surrogateescape")
        case "is_connected":
            return str(value).lower().encode()
        case "put":
            return f"{value.bytes} {value.via}".encode()
        case "get":
            return bytes(sink)
        case _:
            return b""


Mode = Literal["blocking", "asyncio"]


def run(call: Callable[[], Any], mode: Mode, loop: asyncio.AbstractEventLoop) -> Any:
    """What a call comes to, in either world."""
    if mode == "blocking":
        return call()

    async def awaited() -> Any:
        return await cast("Awaitable[Any]", call())

    return loop.run_until_complete(awaited())


def played(peer: Peer, steps: list[Step], act: Callable[[], object]) -> str:
    """Plays a script while the driver does what it is the answer to; what went wrong."""
    peer.start(steps)
    wrong = ""
    try:
        act()
    except nlftp.Error as error:
        wrong = f"{error!r} "
    if not peer.end(enough=bool(wrong)):
        wrong += peer.problem
    return wrong


def compared(call: Call, case: Case, make: Callable[[], tuple[Any, bytearray]]) -> str:
    """Makes the call; what differs from the case."""
    try:
        value, sink = make()
    except nlftp.Error as error:
        if case.kind != error.kind or case.text not in str(error):
            return f"it raises {error!r}, not {case.kind}: {case.text}"
        return ""
    if case.value is None:
        return f"it gives {value!r}, not {case.kind}"
    if call.verb == "list":
        expected = nlftp.parse_listing(case.value)
        return "" if value == expected else f"{value} is not {expected}"
    got = described(call, value, sink)
    return "" if got == case.value else f"it gives {got!r}, not {case.value!r}"


def may_recover(case: Case) -> bool:
    """Only these may make the driver send something behind the call."""
    by_piece = re.match(r"put .* block", case.call) and case.kind not in ("", "invalid_argument")
    return case.kind in ("timeout", "transfer") or bool(by_piece)


def run_once(case: Case, mode: Mode, limit: float) -> tuple[str, bool]:
    """What went wrong, and whether the case itself was reached."""
    call = Call(case.call)
    loop = asyncio.new_event_loop()
    peer = Peer()
    modem: Any = None
    ftp: Any = None
    limits: Any = {"timeout": limit, "outcome_timeout": limit, "stall_timeout": limit}

    def open_modem() -> None:
        nonlocal modem
        if mode == "blocking":
            modem = nlftp.Modem(peer.path, flow="none", **limits)
        else:
            modem = nlftp.aio.Modem(peer.path, flow="none", **limits)
            run(modem.open, mode, loop)

    def log_in() -> None:
        nonlocal ftp
        ftp = run(lambda: modem.ftp("h", "u", "p"), mode, loop)

    def make() -> tuple[Any, bytearray]:
        sink = bytearray()

        def act() -> Any:
            nonlocal sink
            value, sink = started(call, modem, ftp)
            return value

        value = run(act, mode, loop)
        return value, sink

    try:
        wrong = played(peer, OPENING, open_modem)
        if not wrong and call.verb != "login":
            wrong = played(peer, LOGIN, log_in)
        if wrong:
            return wrong, False
        peer.start(case.steps)
        wrong = compared(call, case, make)
        if not peer.end(enough=bool(wrong)):
            wrong = f"{wrong} {peer.problem}"
        if not wrong and not may_recover(case):
            wrong = played(
                peer, CLOSING, lambda: run(lambda: modem.command("AT+CASE?"), mode, loop)
            )
        return wrong, True
    finally:
        # Unplugged, so that no modem has to answer when the object goes.
        peer.unplug()
        if modem is not None:
            end(modem, mode, loop)
        peer.close()
        loop.close()


def end(modem: Any, mode: Mode, loop: asyncio.AbstractEventLoop) -> None:
    """Closes a modem whose port is gone."""
    with contextlib.suppress(nlftp.Error):
        run(modem.close, mode, loop)
    if mode == "asyncio":
        loop.run_until_complete(loop.shutdown_default_executor())


@pytest.mark.parametrize("mode", ["blocking", "asyncio"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, mode: Mode) -> None:
    # An outcome that never comes is an error, or no matter where one line was the whole answer.
    limited = case.kind == "timeout" or "one line with 2 as the syntax" in case.name
    limit = SMALL if limited else LARGE
    wrong = ""
    for _ in range(7):
        wrong, reached = run_once(case, mode, limit)
        if not wrong or (reached and not limited):
            break
        # The preparation is no part of the case: on a machine that is too busy it is tried again.
        # So is a case whose answers themselves may have come behind its limit.
        limit *= 2 if limited else 1
    assert not wrong, wrong


def test_the_tables_are_there() -> None:
    assert len(CASES) > 300
