"""What a server said to a command, as the module reports the control connection (FTPINFO)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator


class Replies:
    """Keeps the lines that went over the control connection, and finds replies among them."""

    #: Lines kept; more of them belong to no reply that anybody asks for.
    _LIMIT = 10_000

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=self._LIMIT)

    def heard(self, line: str) -> None:
        """Takes a line; the callback of FTPINFO."""
        self._lines.append(line)

    def forget(self) -> None:
        """Forgets what was said until now."""
        self._lines.clear()

    def to(self, *verbs: str, encoding: str) -> list[str | None]:
        """The first reply to each of these commands, in this order; None where it is not known.

        Lines of a long reply are joined by line feeds, as ftplib does. Octets that are no UTF-8
        were lost before; a U+FFFD stands for each.
        """
        lines = (_decoded(line, encoding) for line in list(self._lines))
        return [self._reply(lines) if _find(verb, lines) else None for verb in verbs]

    @staticmethod
    def _reply(lines: Iterator[str]) -> str | None:
        reply = next(lines, None)
        if reply is None or reply[3:4] != "-":
            return reply
        code = reply[:3]
        for line in lines:
            reply += "\n" + line
            if line[:3] == code and line[3:4] != "-":
                return reply
        return None


def _decoded(line: str, encoding: str) -> str:
    """A line in the server's encoding. The driver has read it as UTF-8, which is undone."""
    if "\ufffd" in line:
        return line
    return line.encode("utf-8", "replace").decode(encoding, "replace")


def _find(verb: str, lines: Iterator[str]) -> bool:
    """Goes to the line behind this command."""
    return any(line.split(" ", 1)[0].upper() == verb for line in lines)
