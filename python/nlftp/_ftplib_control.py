"""The control connection as ftplib's scripts know it: a command line in, a reply out."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from ._errors import CommandError, Error
from ._ftp import Ftp
from ._ftplib_errors import (
    ArgumentRefused,
    ConnectionLost,
    PermanentRefusal,
    Unsupported,
    of_ftplib,
    of_login,
    refusal,
)
from ._ftplib_replies import Replies
from ._ftplib_streams import End
from ._modem import Modem
from ._types import Entry, Transfer

T = TypeVar("T")

#: FTP commands that the module has no AT command for, and what there is instead.
_INSTEAD = {
    "ACCT": "give the account to login(user, passwd, acct)",
    "ALLO": "nothing is to be done before an upload",
    "APPE": "use storbinary('STOR name', file, rest=size), where size is that of the file there",
    "AUTH": "use FTP_TLS, which asks the module for TLS as it logs in",
    "EPRT": "use set_pasv(False); the module opens its data connections itself",
    "EPSV": "use set_pasv(True); the module opens its data connections itself",
    "FEAT": "what the module offers is in the documentation of nlftp.FTP",
    "LIST": "use dir() or retrlines('LIST')",
    "MDTM": "use mlsd(), whose fact 'modify' is made of the listing",
    "MLSD": "use mlsd(), which is made of the listing",
    "MLST": "use mlsd(), which is made of the listing",
    "NLST": "use nlst() or retrlines('NLST')",
    "OPTS": "use mlsd(facts=...) to choose facts",
    "PASS": "use login(user, passwd): the module connects and logs in at once",
    "PASV": "use set_pasv(True); the module opens its data connections itself",
    "PORT": "use set_pasv(False); the module opens its data connections itself",
    "REST": "use the argument rest= of retrbinary() and storbinary()",
    "RETR": "use retrbinary() or retrlines()",
    "STOR": "use storbinary() or storlines()",
    "STOU": "choose a name, and use storbinary('STOR name', file)",
    "USER": "use login(user, passwd): the module connects and logs in at once",
}

#: Other names of the same commands (RFC 775).
_OLD_NAMES = {"XCWD": "CWD", "XCUP": "CDUP", "XMKD": "MKD", "XRMD": "RMD", "XPWD": "PWD"}


class Settings(Protocol):
    """What the user may set at any time."""

    encoding: str
    passiveserver: bool | int
    server_replies: bool


class Control:
    """Answers command lines by calls of :class:`nlftp.Ftp`, and holds that once it is open."""

    def __init__(self, modem: Modem, settings: Settings) -> None:
        self.modem = modem
        self.connection: Ftp | None = None
        self._settings = settings
        self._replies = Replies()
        self._reporting = False
        self._login_passive = True
        self._passive = True
        self._rename_from: str | None = None
        self._transferring = False
        self._commands: dict[str, Callable[[str], str]] = {
            "ABOR": self._abor,
            "CDUP": lambda _: self._verb("CDUP", Ftp.cdup, "250 CDUP done"),
            "CWD": lambda name: self._named("CWD", Ftp.cwd, name),
            "DELE": lambda name: self._named("DELE", Ftp.delete, name),
            "MKD": self._mkd,
            "MODE": lambda mode: self._only("MODE", mode, "S"),
            "NOOP": lambda _: self._verb("NOOP", Ftp.noop, "200 NOOP done"),
            "PWD": self._pwd,
            "QUIT": self._quit,
            "RMD": lambda name: self._named("RMD", Ftp.rmd, name),
            "RNFR": self._rnfr,
            "RNTO": self._rnto,
            "SIZE": self._size,
            "STAT": self._stat,
            "STRU": lambda structure: self._only("STRU", structure, "F"),
            "SYST": self._syst,
            "TYPE": lambda kind: self._only("TYPE", kind, "A", "I", "A N", "L 8"),
        }

    # -- the connection ---------------------------------------------------------------------------

    def open(
        self,
        host: str,
        port: int | None,
        user: str,
        passwd: str,
        acct: str,
        *,
        tls: bool,
        source_port: int,
    ) -> None:
        """Connects and logs in: FTPOPEN."""
        passive = bool(self._settings.passiveserver)
        try:
            self.connection = self.modem.ftp(
                host,
                self.octets(user),
                self.octets(passwd),
                port=port,
                tls=tls,
                account=self.octets(acct) if acct else None,
                passive=passive,
                source_control_port=source_port,
            )
        except Error as error:
            raise of_login(error) from None
        self._login_passive = self._passive = passive
        self._rename_from = None
        self._report(self.connection, True)

    def close(self) -> None:
        """Hangs up, whatever state the connection is in."""
        connection = self.connection
        self._forget()
        if connection is not None:
            # What is gone needs no closing, and a lost modem cannot be told.
            with suppress(Error):
                connection.close()

    def _forget(self) -> None:
        self.connection = None
        self._reporting = False
        self._rename_from = None

    def _opened(self) -> Ftp:
        if self.connection is None:
            raise ConnectionLost(
                "421 not connected: call connect() and login(); "
                "the module connects and logs in at once"
            )
        return self.connection

    def _report(self, connection: Ftp, wanted: bool) -> None:
        """Switches FTPINFO, for the replies to verbs.

        Around files it is off: no firmware can then put its lines between their bytes.
        """
        wanted = wanted and self._settings.server_replies
        if wanted == self._reporting:
            return
        self._reporting = wanted
        try:
            connection.on_info(self._replies.heard if wanted else None)
        except CommandError:
            # A firmware without it: the replies are made here.
            self._reporting = False
            self._settings.server_replies = False
        except Error as error:
            self._reporting = False
            raise of_ftplib(error) from None

    # -- names ------------------------------------------------------------------------------------

    def octets(self, text: str) -> bytes:
        """A name as the server gets it."""
        return text.encode(self._settings.encoding)

    def text(self, name: str) -> str:
        """A name of the server's, which nlftp.Ftp reads as UTF-8, in the encoding that was set."""
        return name.encode("utf-8", "surrogateescape").decode(self._settings.encoding)

    # -- commands ---------------------------------------------------------------------------------

    def send(self, line: str) -> str:
        """Runs a command line; gives the reply, and raises for one of 4xx or 5xx."""
        if "\r" in line or "\n" in line:
            raise ValueError("a command with a line end in it: that would be two commands")
        verb, _, argument = line.partition(" ")
        verb = verb.upper()
        command = self._commands.get(_OLD_NAMES.get(verb, verb))
        if command is None:
            raise unsupported(verb)
        return command(argument)

    def _ask(
        self, verbs: tuple[str, ...], call: Callable[[Ftp], T], report: bool = True
    ) -> tuple[T, str | None]:
        """Calls a verb; its value, and the server's reply, where that is known."""
        connection = self._opened()
        if report:
            self._report(connection, True)
        self._replies.forget()
        try:
            value = call(connection)
        except Error as error:
            raise of_ftplib(error, self._misfit(verbs)) from None
        misfit = self._misfit(verbs)
        if misfit is not None:
            raise refusal(misfit)
        return value, self._heard(verbs)[-1]

    def _heard(self, verbs: tuple[str, ...]) -> list[str | None]:
        if not self._reporting:
            return [None for _ in verbs]
        return self._replies.to(*verbs, encoding=self._settings.encoding)

    def _misfit(self, verbs: tuple[str, ...]) -> str | None:
        """The first reply that is not what RFC 959 wants: 3xx until the last one, which is 2xx."""
        heard = self._heard(verbs)
        for place, reply in enumerate(heard):
            wanted = "2" if place == len(heard) - 1 else "3"
            if reply is not None and reply[:1] != wanted:
                return reply
        return None

    def _verb(self, verb: str, call: Callable[[Ftp], object], otherwise: str) -> str:
        _, reply = self._ask((verb,), call)
        return reply or otherwise

    def _named(self, verb: str, call: Callable[[Ftp, bytes], object], name: str) -> str:
        octets = self.octets(name)
        return self._verb(verb, lambda ftp: call(ftp, octets), f"250 {verb} done")

    def _only(self, verb: str, value: str, *known: str) -> str:
        """Commands that set what the module sets itself, to the values that it has."""
        self._opened()
        if value.strip().upper() in known:
            return f"200 {verb} {value.strip().upper()}"
        raise Unsupported(f"504 {verb} {value}: the module has {', '.join(known)} only")

    def _abor(self, _: str) -> str:
        self._opened()
        if not self._transferring:
            return "226 ABOR: nothing was being transferred"
        self.modem.cancel()
        return "426 ABOR: the transfer is being ended"

    def _pwd(self, _: str) -> str:
        return f"257 {_quoted(self._directory())}"

    def _directory(self) -> str:
        directory, _ = self._ask(("PWD",), lambda ftp: self.text(ftp.pwd()))
        return directory

    def _mkd(self, name: str) -> str:
        octets = self.octets(name)
        _, reply = self._ask(("MKD",), lambda ftp: ftp.mkd(octets))
        if reply is not None and "\ufffd" not in reply:
            return reply
        if not name.startswith("/"):
            name = posixpath.join(self._directory(), name)
        return f"257 {_quoted(name)} created"

    def _rnfr(self, name: str) -> str:
        self._opened()
        self._rename_from = name
        return "350 RNFR: RNTO has to follow, the module sends both at once"

    def _rnto(self, name: str) -> str:
        before, self._rename_from = self._rename_from, None
        if before is None:
            raise ArgumentRefused("503 RNTO comes behind RNFR: use rename(fromname, toname)")
        old, new = self.octets(before), self.octets(name)
        _, reply = self._ask(("RNFR", "RNTO"), lambda ftp: ftp.rename(old, new))
        return reply or "250 RNTO done"

    def _size(self, name: str) -> str:
        size = self.size(name)
        if size is None:
            raise PermanentRefusal(f"550 {name}: the server's listing has no size for it")
        return f"213 {size}"

    def _stat(self, path: str) -> str:
        octets = self.octets(path) if path else None
        lines, reply = self._ask(("STAT",), lambda ftp: ftp.stat(octets))
        if reply is not None and "\ufffd" not in reply:
            return reply
        code = "213" if path else "211"
        told = "".join(f"\n {self.text(line)}" for line in lines)
        return f"{code}-STAT {path}".rstrip() + told + f"\n{code} End"

    def _syst(self, _: str) -> str:
        system, reply = self._ask(("SYST",), Ftp.syst)
        return reply or f"215 {system}"

    def _quit(self, _: str) -> str:
        if self.connection is None:
            return "221 QUIT: nobody was logged in"
        closed = False

        def hang_up(ftp: Ftp) -> None:
            nonlocal closed
            ftp.close()
            closed = True

        try:
            _none, reply = self._ask(("QUIT",), hang_up, report=False)
        finally:
            if closed:
                self._forget()
        return reply or "221 QUIT done"

    # -- listings ---------------------------------------------------------------------------------

    def entries(self, path: str) -> list[Entry]:
        """What a directory holds, or what there is to a file: FTPLIST."""
        connection = self._opened()
        self._prepare(connection)
        try:
            return connection.list(self.octets(path) if path else None)
        except Error as error:
            raise of_ftplib(error) from None

    def size(self, name: str) -> int | None:
        """A file's size as the server lists it; None where the listing has the name and no size."""
        base = posixpath.basename(name)
        for path in (name, posixpath.dirname(name)):
            try:
                listed = self.entries(path)
            except PermanentRefusal:
                continue
            found = [one for one in listed if self.text(one.name) in (name, base)]
            if len(found) == 1:
                if found[0].kind == "directory":
                    raise PermanentRefusal(f"550 {name} is a directory, not a file")
                # The size of a link is not that of the file which it leads to.
                return found[0].size if found[0].kind == "file" else None
        raise PermanentRefusal(f"550 {name}: the server lists no such file")

    # -- transfers --------------------------------------------------------------------------------

    def transfer(self, end: End, call: Callable[[Ftp], Transfer]) -> Transfer:
        """Moves a file."""
        connection = self._opened()
        self._prepare(connection)
        self._transferring = True
        try:
            return call(connection)
        except Error as error:
            if error is end.raised:
                raise
            raise of_ftplib(error) from None
        finally:
            self._transferring = False

    def _prepare(self, connection: Ftp) -> None:
        """Before a data connection: no FTPINFO, and the mode that was asked for."""
        self._report(connection, False)
        passive = bool(self._settings.passiveserver)
        # A connection that was lost and opened anew has the login's mode again.
        if passive == self._passive == self._login_passive:
            return
        try:
            self.modem.command(f"AT+FTPMODE={0 if passive else 1}")
        except Error as error:
            raise of_ftplib(error) from None
        self._passive = passive


def unsupported(verb: str) -> Unsupported:
    """The error of a command line that cannot be sent, or not in this way."""
    verb = verb.upper() if len(verb) <= 20 else f"{verb[:20].upper()}..."
    instead = _INSTEAD.get(verb)
    if instead is None:
        return Unsupported(f"502 {verb}: the module cannot send it, or not as one that moves data")
    return Unsupported(f"502 {verb}: the module cannot send it so: {instead}")


def _quoted(directory: str) -> str:
    return '"' + directory.replace('"', '""') + '"'
