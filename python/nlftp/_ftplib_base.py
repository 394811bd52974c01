"""What every call of nlftp.FTP is made of: replies noted and shown, and files moved."""

from __future__ import annotations

import ftplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ._ftp import Ftp
from ._ftplib_absent import Absent, NoSocketHere
from ._ftplib_control import Control, unsupported
from ._ftplib_errors import ArgumentRefused
from ._ftplib_facts import line_of
from ._ftplib_streams import Blocks, Lines, Pieces
from ._types import Entry, Transfer, Type, Verify, Via


class Base(Absent):
    """The state of an FTP object, and what its methods have in common."""

    debugging: int = 0
    host: str = ""
    port: int = ftplib.FTP_PORT
    maxline: int = ftplib.MAXLINE
    sock: NoSocketHere | None = None
    file: None = None
    welcome: str | None = None
    passiveserver: bool | int = True
    lastresp: str = ""
    verify: Verify = "size"
    via: Via = "auto"
    server_replies: bool = True

    _control: Control

    def sanitize(self, s: str) -> str:
        """The text in quotes, a password in it masked."""
        if s[:5] in {"pass ", "PASS "}:
            end = len(s.rstrip("\r\n"))
            s = s[:5] + "*" * (end - 5) + s[end:]
        return repr(s)

    def _replied(self, reply: str) -> str:
        """Notes a reply, which the caller returns or raises."""
        if self.debugging:
            print("*resp*", self.sanitize(reply))
        self.lastresp = reply[:3]
        return reply

    @contextmanager
    def _noting_errors(self) -> Iterator[None]:
        try:
            yield
        except ftplib.Error as error:
            self._replied(str(error))
            raise

    def _listing(self, cmd: str) -> list[bytes] | None:
        """The lines of what a command lists; None where it is not one that lists."""
        verb, _, path = cmd.partition(" ")
        form = _LISTINGS.get(verb.upper())
        if form is None:
            return None
        if self.debugging:
            print("*cmd*", self.sanitize(cmd))
        with self._noting_errors():
            entries = self._control.entries(path)
        return [form(entry).encode("utf-8", "surrogateescape") for entry in entries]

    def _retrieve(self, cmd: str, sink: Blocks | Lines, type: Type, rest: int | str | None) -> str:
        name, offset = self._name_in(cmd, "RETR"), _offset(rest)

        def get(ftp: Ftp) -> Transfer:
            return ftp.get(name, sink, via=self.via, type=type, offset=offset, verify=self.verify)

        with self._noting_errors():
            transfer = self._control.transfer(sink, get)
        return self._replied(f"226 {transfer.bytes} bytes came by {transfer.via}")

    def _store(self, cmd: str, source: Pieces, type: Type, rest: int | str | None) -> str:
        name, offset = self._name_in(cmd, "STOR"), _offset(rest)

        def put(ftp: Ftp) -> Transfer:
            return ftp.put(source, name, via=self.via, type=type, offset=offset, verify=self.verify)

        with self._noting_errors():
            transfer = self._control.transfer(source, put)
        return self._replied(f"226 {transfer.bytes} bytes went by {transfer.via}")

    def _name_in(self, cmd: str, wanted: str) -> bytes:
        """The file in a command, which has to be this one."""
        if self.debugging:
            print("*cmd*", self.sanitize(cmd))
        verb, _, name = cmd.partition(" ")
        if verb.upper() != wanted:
            with self._noting_errors():
                raise unsupported(verb)
        return self._control.octets(name)


#: What each command that lists makes of an entry.
_LISTINGS: dict[str, Callable[[Entry], str]] = {
    "LIST": lambda entry: entry.raw,
    "NLST": lambda entry: entry.name,
    "MLSD": line_of,
}


def _offset(rest: int | str | None) -> int:
    try:
        offset = int(rest or 0)
    except ValueError:
        offset = -1
    if offset < 0:
        raise ArgumentRefused(f"501 rest={rest!r} is no position in a file")
    return offset
