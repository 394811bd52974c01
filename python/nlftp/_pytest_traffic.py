"""What a failed test shows of the port's traffic, secrets masked."""

from __future__ import annotations

import pathlib
import re

from .sim import VirtualModem

#: How many lines a failed test shows; with -vv all.
LINES = 60

#: Commands with secrets, and what of them may be shown.
SECRETIVE = re.compile(
    r".*?\+(?:(?:FTPOPEN|MIPCALL)\s*=[^,]*,|(?:CGAUTH|CPIN|CPWD|CLCK)\s*=)",
    re.IGNORECASE | re.DOTALL,
)


class Traffic:
    """The traffic of one test.

    Where the fixtures opened a modem, what it recorded; else what came to the virtual modem.
    """

    def __init__(self) -> None:
        self._trace: pathlib.Path | None = None
        self._sim: VirtualModem | None = None

    def follow_modem(self, trace: pathlib.Path) -> None:
        """From now on the record that a modem keeps is shown."""
        self._trace = trace

    def follow_sim(self, sim: VirtualModem) -> None:
        """The commands that a virtual modem gets are shown."""
        self._sim = sim

    def lines(self) -> list[str]:
        """What there is, oldest first."""
        if self._trace is not None:
            try:
                return self._trace.read_text(errors="backslashreplace").splitlines()
            except FileNotFoundError:
                # The port could not be opened.
                return []
        commands = [] if self._sim is None else self._sim.commands
        return [f"> {printable(mask(line))}" for line in commands]


def mask(line: str) -> str:
    """A command line without what may be a secret in it."""
    found = SECRETIVE.match(line)
    return line if found is None or found.end() == len(line) else found[0] + "***"


def printable(line: str) -> str:
    """The line for a terminal: what a program sent must not control it."""
    shown = (
        one if one.isprintable() else one.encode("unicode_escape", "replace").decode()
        for one in line.encode("utf-8", "backslashreplace").decode()
    )
    return "".join(shown)


def section(lines: list[str], everything: bool) -> str:
    """The text of the report's section."""
    left_out = 0 if everything else max(0, len(lines) - LINES)
    shown = lines[left_out:]
    if left_out:
        shown.insert(0, f"... {left_out} lines before these: -vv shows them")
    return "\n".join(shown)
