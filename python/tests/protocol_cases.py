"""Reads the table of protocol cases that drives Rust, C and Python, and plays the modem's part."""

from __future__ import annotations

import os
import re
import select
import threading
import tty
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "core" / "tests" / "cases"
TABLES = [FOLDER / "protocol.cases", FOLDER / "forms.cases"]

#: Ends a script whose driver neither goes on nor gives up; no right run waits so long.
HANG_SECONDS = 90.0


@dataclass
class Step:
    """Bytes that the driver is to send, or that the modem answers."""

    sends: bool
    data: bytes


@dataclass
class Case:
    """One case of the table."""

    name: str
    call: str = ""
    steps: list[Step] = field(default_factory=list)
    value: bytes | None = None
    kind: str = ""
    text: str = ""


def unescape(text: str) -> bytes:
    r"""Bytes of a text with \r, \n, \s, \\ and \xHH in it."""

    def one(found: re.Match[str]) -> str:
        letter = found[1]
        if letter.startswith("x"):
            return chr(int(letter[1:], 16))
        return {"r": "\r", "n": "\n", "s": " ", "\\": "\\"}[letter]

    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", one, text).encode("latin-1")


def unescape_word(word: str) -> bytes:
    """A word, or one that is repeated: x*256."""
    repeated = re.fullmatch(r"(.*)\*(\d+)", word, re.DOTALL)
    if repeated:
        return unescape(repeated[1]) * int(repeated[2])
    return unescape(word)


def read_cases() -> list[Case]:
    """All cases of all tables."""
    cases: list[Case] = []
    for table in TABLES:
        for line in table.read_text().splitlines():
            if not line or line.startswith("#"):
                continue
            if line.startswith("== "):
                cases.append(Case(line[3:]))
                continue
            case = cases[-1]
            if line.startswith("call: "):
                case.call = line[6:]
            elif line.startswith(">> "):
                case.steps.append(Step(True, unescape(line[3:])))
            elif line.startswith("> "):
                case.steps.append(Step(True, unescape(line[2:]) + b"\r"))
            elif line.startswith("< "):
                case.steps.append(Step(False, unescape(line[2:])))
            elif line.startswith("ok:"):
                case.value = unescape(line[3:].removeprefix(" "))
            elif line.startswith("error: "):
                case.kind, _, case.text = line[7:].partition(" ")
            else:
                raise ValueError(f"what is this line? {line}")
    return cases


def script(*texts: str) -> list[Step]:
    """Lines and their answers in turns."""
    return [Step(index % 2 == 0, text.encode("latin-1")) for index, text in enumerate(texts)]


class Peer:
    """The other end of a port, and a thread that plays what a modem says there."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self._enough = os.pipe()
        self._thread: threading.Thread | None = None
        self._unplugged = False
        self.problem = ""

    def start(self, steps: list[Step]) -> None:
        """Plays the steps: exactly the bytes that the driver is to send, and the answers."""
        self._thread = threading.Thread(target=self._play, args=(steps,), daemon=True)
        self._thread.start()

    def end(self, enough: bool) -> bool:
        """Waits for the end of the script; with ``enough`` it ends now. Whether all was played."""
        if enough:
            os.write(self._enough[1], b"\0")
        assert self._thread is not None
        self._thread.join()
        if enough:
            os.read(self._enough[0], 1)
        return not self.problem

    def unplug(self) -> None:
        """Nobody answers any more: the driver need not wait for its time limits."""
        if not self._unplugged:
            self._unplugged = True
            os.close(self.master)

    def close(self) -> None:
        """Ends it."""
        self.unplug()
        for descriptor in (self.slave, *self._enough):
            os.close(descriptor)

    def _play(self, steps: list[Step]) -> None:
        index = 0
        while index < len(steps):
            if steps[index].sends:
                going = self._expect(steps[index].data)
                index += 1
            else:
                # Answers that follow each other go out at once: no time may pass between them.
                data = b""
                while index < len(steps) and not steps[index].sends:
                    data += steps[index].data
                    index += 1
                going = self._answer(data)
            if not going:
                self.unplug()
                return

    def _expect(self, data: bytes) -> bool:
        got = b""
        while len(got) < len(data) and data.startswith(got):
            ready, _, _ = select.select([self.master, self._enough[0]], [], [], HANG_SECONDS)
            if self.master not in ready:
                break
            got += os.read(self.master, len(data) - len(got))
        if got == data:
            return True
        self.problem = f"the driver was to send {data!r} and sent {got!r}"
        return False

    def _answer(self, data: bytes) -> bool:
        if select.select([self.master], [], [], 0)[0]:
            self.problem = f"the driver sent more: {os.read(self.master, 200)!r}"
            return False
        while data:
            data = data[os.write(self.master, data) :]
        return True


OPENING = script(
    "AT\r",
    "\r\nOK\r\n",
    "AT+FTPMODE?\r",
    "\r\n+FTPMODE: 0\r\n\r\nOK\r\n",
    "ATE0\r",
    "\r\nOK\r\n",
    "AT+CMEE=1\r",
    "\r\nOK\r\n",
    "AT&D2\r",
    "\r\nERROR\r\n",
    "AT+FTPOPEN?\r",
    "\r\n+FTPOPEN: 0\r\n\r\nOK\r\n",
)
LOGIN = script(
    "AT+FTPMODE=0\r",
    "\r\nOK\r\n",
    'AT+FTPOPEN="h","u","p"\r',
    "\r\nOK\r\n\r\n+FTPOPEN: 1\r\n",
    "AT+FTPMODE?\r",
    "\r\n+FTPMODE: 0\r\n\r\nOK\r\n",
)
#: Behind a case: the very next bytes, so nothing was sent in between, and the line is in step.
CLOSING = script("AT+CASE?\r", "\r\n+CASE: over\r\n\r\nOK\r\n")
