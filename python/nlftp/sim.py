"""A virtual NL668 with an FTP server behind it, to develop and test against without hardware.

A program opens its port as it opens a real modem's, with nlftp or with anything else::

    import nlftp
    from nlftp.sim import VirtualModem

    with VirtualModem() as sim, nlftp.Modem(sim.port) as modem:
        (sim.root / "hello.txt").write_text("hello")
        with sim.server.login(modem) as ftp:
            ftp.get("hello.txt", "copy.txt")

With pytest it comes as a fixture, ``nlftp_sim``: see nlftp.pytest_plugin.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import warnings
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from . import _arguments
from ._errors import Closed, InvalidArgument
from ._nlftp import Sim

if TYPE_CHECKING:
    from typing import Never, Self

    from ._ftp import Ftp
    from ._modem import Modem

__all__ = ["Server", "VirtualModem"]


@dataclass(frozen=True)
class Server:
    """An FTP server and a login on it.

    Attributes:
        host, port: its address, as it is named to the modem.
        user, password: the login.
        tls: whether it is FTPS.
        directory: the directory that login() enters; ``""`` for the login's own.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool = False
    directory: str = ""

    def login(self, modem: Modem, *, passive: bool = True) -> Ftp:
        """Logs in through a modem: ``modem.ftp(host, user, password, ...)`` with what is here."""
        ftp = modem.ftp(
            self.host, self.user, self.password, port=self.port, tls=self.tls, passive=passive
        )
        if self.directory:
            try:
                ftp.cwd(self.directory)
            except BaseException:
                ftp.close()
                raise
        return ftp

    @property
    def url(self) -> str:
        """The address with user and password: ``"ftp://nlftp:nlftp@127.0.0.1:2121/"``."""
        scheme = "ftps" if self.tls else "ftp"
        host = f"[{self.host}]" if ":" in self.host else self.host
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"{scheme}://{login}@{host}:{self.port}/{quote(self.directory)}"


class VirtualModem:
    """A virtual modem on a pseudo-terminal of its own, with an FTP server of its own.

    It runs from its making until close(), which a ``with`` block calls::

        with VirtualModem(baud=115200, dtr="absent") as sim:
            print(sim.port, sim.root, sim.server.url)

    The modem reaches the embedded server under every host name, so that a program can name the
    one that it will meet in the field. Only addresses of this machine are what they say.

    Args:
        root: the folder that the embedded server serves; a temporary one, deleted at the end, if
            None.
        link: a path at which to make a symbolic link to the port.
        server: ``"HOST:PORT"``, the FTP server to which every connection goes, in place of the
            embedded one.
        user, password: the embedded server's login, ``"nlftp"`` and ``"nlftp"``.
        baud: the pace of the port in bits per second; as fast as it goes if None.
        turnaround: seconds before a command is answered.
        dtr: what a drop of the DTR line does: ``"present"`` ends the data phase, ``"ignored"``
            does nothing, and with ``"absent"`` the modem does not know it.
        detached: whether the modem starts without a data connection, so that a program has to
            attach first.
        apn_user, apn_password: the login without which the access point lets nobody attach.
        dialect: how the firmware reads the manual, as ``"name=value"`` pairs with commas between
            them or as a mapping: ``{"colon": "tight", "outcome_before_ok": True}``. A name or
            value that there is not is answered with those that there are.
        faults: what goes wrong on the line, each so many times in a million bytes, the same for one
            seed and the same bytes: ``{"seed": 7, "flip": 20, "unplug": 1}``, or ``"name=value"``
            pairs; also ``drop``, ``double``, ``delay`` (up to half a second), ``urc`` (unasked
            lines), ``reset`` (of the module).
        failures: commands that fail, each once, with the code that they fail with:
            ``{"FTPCWD": 628}``, or pairs where one fails several times. Every form of the command
            counts: opening a port asks AT+FTPMODE? and AT+FTPOPEN?. The name ``""`` stands for
            whichever command comes next.
        cut_after: the embedded server ends the connection in every transfer once so many bytes of
            it have passed. A transfer that resumes reads up to 64 KiB back before it goes on: more
            than these have to pass.
        tls_ca: a PEM file with the certificate authorities that the module trusts under FTPS,
            which the embedded server does not offer. Without one it trusts nobody.

    Raises:
        TypeError, ValueError: an option is wrong, or there is no such option.
        OSError: the system did not give what is needed.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        *,
        link: str | os.PathLike[str] | None = None,
        server: str | None = None,
        user: str | None = None,
        password: str | None = None,
        baud: int | None = None,
        turnaround: float = 0.0,
        dtr: Literal["present", "ignored", "absent"] = "present",
        detached: bool = False,
        apn_user: str | None = None,
        apn_password: str | None = None,
        dialect: str | Mapping[str, str | int | bool] | None = None,
        faults: str | Mapping[str, int] | None = None,
        failures: Mapping[str, int] | Iterable[tuple[str, int]] = (),
        cut_after: int | None = None,
        tls_ca: str | os.PathLike[str] | None = None,
        **unknown: Never,
    ) -> None:
        for name in unknown:
            raise TypeError(f"there is no option {name!r}, but these: {', '.join(OPTIONS)}")
        options: list[tuple[str, bytes]] = [
            ("dtr", _arguments.string("dtr", dtr).encode()),
            ("detached", b"true" if _arguments.flag("detached", detached) else b"false"),
        ]
        for name, place in (("root", root), ("link", link)):
            if place is not None:
                options.append((name, os.fsencode(_arguments.path(name, place))))
        for name, text in (
            ("server", server),
            ("user", user),
            ("password", password),
            ("apn_user", apn_user),
            ("apn_password", apn_password),
            ("dialect", _pairs("dialect", dialect)),
            ("faults", _pairs("faults", faults)),
        ):
            if text is not None:
                octets = _arguments.string(name, text).encode()
                options.append((name.replace("_", "-"), octets))
        if baud is not None:
            options.append(("baud", b"%d" % _arguments.number("baud", baud, 1, 2**32 - 1)))
        if cut_after is not None:
            cut_after = _arguments.number("cut_after", cut_after, 0, 2**64 - 1)
        self._sim = Sim(
            options,
            _arguments.seconds("turnaround", turnaround),
            _failures(failures),
            cut_after,
            None if tls_ca is None else _authorities(tls_ca),
        )
        self._last_commands: list[bytes] | None = None
        self._finalizer = weakref.finalize(self, _stop_forgotten, self._sim)

    @property
    def port(self) -> str:
        """The path of the port to open: the link if one was asked for, else the pseudo-terminal."""
        return self._sim.port

    @property
    def host(self) -> str:
        """The FTP server's address, to be named to the modem."""
        return self._sim.host

    @property
    def server_port(self) -> int:
        """The FTP server's control port."""
        return self._sim.server_port

    @property
    def user(self) -> str:
        """The user who can log in; an AttributeError where ``server`` names another server."""
        return self._embedded("user", self._sim.user)

    @property
    def password(self) -> str:
        """The user's password; an AttributeError where ``server`` names another server."""
        return self._embedded("password", self._sim.password)

    @property
    def root(self) -> pathlib.Path:
        """The folder that the server serves.

        Put files there to be downloaded, look there for uploaded ones. An AttributeError where
        ``server`` names another server.
        """
        return pathlib.Path(self._embedded("root", self._sim.root))

    @property
    def server(self) -> Server:
        """The FTP server with its login; an AttributeError where ``server`` names another."""
        return Server(self.host, self.server_port, self.user, self.password)

    @property
    def commands(self) -> list[str]:
        """The command lines that the modem got so far, oldest first, as they were sent.

        Passwords and all. A line is there before it is answered; none is while the modem is silent.
        The last 4096 are kept.
        """
        lines = self._sim.commands() if self._last_commands is None else self._last_commands
        return [_arguments.text(line) for line in lines]

    def send_urc(self, line: str | bytes) -> None:
        """Makes the modem say a line that nobody asked for, such as ``"+CREG: 1"``.

        Its line end is added. It goes out soon, behind a file or listing that is on its way to the
        host; while the modem is silent it is lost.
        """
        self._sim.send_urc(_arguments.octets("line", line))

    def set_silent(self, silent: bool) -> None:
        """Makes the modem a device that takes what is sent and never answers, or lets it speak."""
        self._sim.set_silent(_arguments.flag("silent", silent))

    def hang_up(self) -> None:
        """Unplugs the port for good.

        Whoever has it open is told that it is gone. The FTP server goes on.
        """
        self._sim.hang_up()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return not self._finalizer.alive

    def close(self) -> None:
        """Stops the modem and its server; the port is gone, and so is a temporary folder.

        Blocks until their threads have ended: milliseconds, or up to half a second while a program
        that has the port open does not read what the modem has said. Closing twice does nothing.
        """
        if self._finalizer.detach():
            # In a process that was forked off there is nothing to be known, or to be stopped.
            with contextlib.suppress(Closed):
                self._last_commands = self._sim.commands()
            self._sim.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"server {self.host}:{self.server_port}"
        return f"<VirtualModem {self.port}, {state}>"

    def _embedded(self, name: str, value: str | None) -> str:
        if value is None:
            raise AttributeError(
                f"this VirtualModem has no {name}: its option server names another FTP server"
            )
        return value


#: The names of all options.
OPTIONS = tuple(
    name for name in VirtualModem.__init__.__annotations__ if name not in ("unknown", "return")
)


def _stop_forgotten(sim: Sim) -> None:
    """Runs when a VirtualModem goes that was not closed, at the latest when the program ends."""
    warnings.warn(f"unclosed virtual modem on {sim.port}", ResourceWarning, stacklevel=2)
    sim.stop()


def _authorities(given: str | os.PathLike[str]) -> bytes:
    return pathlib.Path(_arguments.path("tls_ca", given)).read_bytes()


def _pairs(
    what: str, given: str | Mapping[str, str | int | bool] | Mapping[str, int] | None
) -> str | None:
    if given is None or isinstance(given, str):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(f"{what} has to be a str or a mapping, not {type(given).__name__}")
    return ",".join(
        f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in given.items()
    )


def _failures(given: Mapping[str, int] | Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    pairs = given.items() if isinstance(given, Mapping) else given
    found = []
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"failures has to be of pairs of a command and a code, not {pair!r}")
        command = _arguments.string("failures", pair[0]).upper().removeprefix("AT")
        command = command.removeprefix("+")
        if command and not command.isalnum():
            raise InvalidArgument(f"failures has {pair[0]!r}: name a command, such as 'FTPCWD'")
        found.append((command, _arguments.number("failures", pair[1], 0, 2**16 - 1)))
    return found
