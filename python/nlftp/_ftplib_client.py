"""The interface of ftplib.FTP on a modem."""

from __future__ import annotations

import ftplib
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from ._ftp import Ftp
from ._ftplib_absent import NoSocketHere
from ._ftplib_base import Base
from ._ftplib_control import Control
from ._ftplib_errors import ArgumentRefused, ConnectionLost, LineTooLong, refusal
from ._ftplib_facts import facts_of
from ._ftplib_streams import Blocks, LineReadable, Lines, Readable, blocks_of, lines_of
from ._modem import Modem

#: The server's port under TLS, unless another one is given.
TLS_PORT = 990


class FTP(Base):
    """An FTP client with the interface of :class:`ftplib.FTP`, whose connection is a modem's.

    A script of ftplib's becomes one of nlftp's by its first lines; the rest stays::

        with nlftp.Modem("/dev/ttyUSB2") as modem:
            with nlftp.FTP(modem, "ftp.example.com", "user", "secret") as ftp:
                ftp.cwd("logs")
                with open("today.log", "rb") as file:
                    ftp.storbinary("STOR today.log", file)

    Its errors are ftplib's and nlftp's at once: a refusal is an :class:`ftplib.error_perm` and an
    :class:`nlftp.Refused`, and ``except ftplib.all_errors`` gets all that a server, the module or
    the line can do.

    What is other than in ftplib: connect() only remembers its arguments, as the module connects and
    logs in at once, which login() has it do. Uploads and downloads are checked by size (see
    ``verify``). ``timeout`` is kept and has no effect: time limits are the :class:`Modem`'s. The
    documentation lists what is left out.

    Args:
        modem: the modem, which stays open when this is closed. It has one FTP connection.
        host, user, passwd, acct: where to connect to, and as whom to log in; without a user that
            is left to login().
        timeout: kept as an attribute.
        source_address: ``(host, port)``; the port is the module's for the control connection, the
            host is not used.
        encoding: that of names, and of texts in retrlines() and dir().

    Attributes:
        connection: the :class:`nlftp.Ftp` underneath, or None while nobody is logged in.
        verify: how transfers are checked: ``"size"``, which lists the file once, ``"readback"`` or
            ``"none"``. To be set on the class or the object.
        via: the module's way of moving files: ``"auto"``, ``"stream"`` or ``"block"``.
        server_replies: whether the module is to report the server's own replies to commands
            (FTPINFO), for what methods return and for the texts of errors. Around files it is
            switched off, which is one AT command between a file and a command. Where it is
            False, or the module has no FTPINFO, replies are made up, with a likely code.
        debugging, encoding, host, lastresp, maxline, passiveserver, port, sock, timeout, welcome:
            as in ftplib, but that ``sock`` is only None or not, and ``file`` always None.
    """

    _tls = False

    def __init__(
        self,
        modem: Modem,
        host: str = "",
        user: str = "",
        passwd: str = "",
        acct: str = "",
        timeout: float | None = None,
        source_address: tuple[str, int] | None = None,
        *,
        encoding: str = "utf-8",
    ) -> None:
        if not isinstance(modem, Modem):
            raise TypeError(
                f"the first argument has to be the nlftp.Modem, not {type(modem).__name__}"
            )
        self.encoding = encoding
        self.source_address = source_address
        self.timeout = timeout
        self._control = Control(modem, self)
        if host:
            self.connect(host)
            if user:
                self.login(user, passwd, acct)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.sock is None:
            return
        if self.modem.closed:
            self.close()
            return
        try:
            self.quit()
        except (OSError, EOFError):
            pass
        finally:
            if self.sock is not None:
                self.close()

    @property
    def modem(self) -> Modem:
        """The modem whose connection it uses."""
        return self._control.modem

    @property
    def connection(self) -> Ftp | None:
        """The nlftp.Ftp underneath, for what ftplib has no name for; None without a login."""
        return self._control.connection

    # -- connecting -------------------------------------------------------------------------------

    def connect(
        self,
        host: str = "",
        port: int = 0,
        timeout: float | None = -999,
        source_address: tuple[str, int] | None = None,
    ) -> str:
        """Remembers where login() is to connect to; what is left out stays as it was.

        The module connects and logs in by one command (FTPOPEN), so that no server is asked here;
        one that cannot be reached is told by login(). A connection that is open is closed.
        """
        if host != "":
            self.host = host
        if port > 0:
            self.port = port
        if timeout != -999:
            self.timeout = timeout
        if self.timeout is not None and not self.timeout:
            raise ValueError("a timeout of 0 is none: give seconds, or None")
        if source_address is not None:
            self.source_address = source_address
        if not self.host:
            raise ArgumentRefused("501 connect() needs the name or address of a host")
        self.close()
        self.sock = NoSocketHere()
        self.welcome = self._replied(
            f"220 {self.host}:{self.port}: the module connects and logs in at once, with login()"
        )
        return self.welcome

    def getwelcome(self) -> str | None:
        """What connect() returned. The server's own welcome is not told by the module."""
        if self.debugging and self.welcome is not None:
            print("*welcome*", self.sanitize(self.welcome))
        return self.welcome

    def login(self, user: str = "", passwd: str = "", acct: str = "") -> str:
        """Connects and logs in, as anonymous without a user; a second login connects anew.

        Raises:
            ftplib.error_perm: and nlftp.NotConnected: no connection, or no login; the module does
                not say which, the text says what is possible.
        """
        if self.sock is None:
            raise ConnectionLost("421 not connected: call connect() first")
        user = user or "anonymous"
        if user == "anonymous" and passwd in {"", "-"}:
            passwd += "anonymous@"
        if self.debugging:
            print("*cmd*", self.sanitize(f"USER {user}"))
            print("*cmd*", self.sanitize(f"PASS {passwd}"))
        self._control.close()
        usual = TLS_PORT if self._tls else ftplib.FTP_PORT
        with self._noting_errors():
            self._control.open(
                self.host,
                None if self.port == usual else self.port,
                user,
                passwd,
                acct,
                tls=self._tls,
                source_port=self.source_address[1] if self.source_address else 0,
            )
        return self._replied(f"230 logged in to {self.host} as {user}")

    def acct(self, password: str) -> str:
        """Not there: the account goes with the login, as login(user, passwd, acct)."""
        return self.voidcmd("ACCT " + password)

    def quit(self) -> str:
        """Logs out, and closes the connection."""
        if self.sock is None:
            raise ConnectionLost("421 not connected: call connect() first")
        reply = self.voidcmd("QUIT")
        self.close()
        return reply

    def close(self) -> None:
        """Closes the connection, whatever state it is in; the modem stays open."""
        self.sock = None
        self._control.close()

    # -- settings ---------------------------------------------------------------------------------

    def set_debuglevel(self, level: int) -> None:
        """Prints commands and replies from level 1 on, and lines of texts from level 3 on.

        The AT commands underneath are in the modem's ``trace``.
        """
        self.debugging = level

    debug = set_debuglevel

    def set_pasv(self, val: bool | int) -> None:
        """Passive data connections (the default), or active ones, from the next one on."""
        self.passiveserver = val

    # -- commands ---------------------------------------------------------------------------------

    def sendcmd(self, cmd: str) -> str:
        """Runs a command of FTP's that the module has, and returns the reply.

        There are CDUP, CWD, DELE, MKD, NOOP, PWD, QUIT, RMD, RNFR with RNTO, SIZE (by a listing),
        STAT, SYST, ABOR, and MODE, STRU and TYPE for what the module sets itself. Others raise an
        :class:`ftplib.error_perm` of 502 that says what to use instead.
        """
        if self.debugging:
            print("*cmd*", self.sanitize(cmd))
        with self._noting_errors():
            return self._replied(self._control.send(cmd))

    def voidcmd(self, cmd: str) -> str:
        """The same, and the reply has to be one of 2xx."""
        reply = self.sendcmd(cmd)
        if reply[:1] != "2":
            raise refusal(reply)
        return reply

    def abort(self) -> str:
        """Ends the transfer that another thread or its callback is in; that one raises.

        The module has no ABOR: the transfer is cancelled. Nothing happens where there is none.
        """
        return self.sendcmd("ABOR")

    def rename(self, fromname: str, toname: str) -> str:
        """Renames a file or directory."""
        reply = self.sendcmd("RNFR " + fromname)
        if reply[:1] != "3":
            raise refusal(reply)
        return self.voidcmd("RNTO " + toname)

    def delete(self, filename: str) -> str:
        """Deletes a file."""
        return self.voidcmd("DELE " + filename)

    def cwd(self, dirname: str) -> str:
        """Changes the working directory; ``".."`` is its parent, and ``""`` changes nothing."""
        if dirname == "..":
            try:
                return self.voidcmd("CDUP")
            except ftplib.error_perm as error:
                if str(error)[:3] != "500":
                    raise
        return self.voidcmd("CWD " + (dirname or "."))

    def mkd(self, dirname: str) -> str:
        """Makes a directory; its full path, or ``""`` where the server does not tell it."""
        reply = self.voidcmd("MKD " + dirname)
        return ftplib.parse257(reply) if reply.startswith("257") else ""

    def rmd(self, dirname: str) -> str:
        """Removes an empty directory."""
        return self.voidcmd("RMD " + dirname)

    def pwd(self) -> str:
        """The working directory."""
        return ftplib.parse257(self.voidcmd("PWD"))

    def size(self, filename: str) -> int | None:
        """A file's size, as the server lists it; None where its listing has no size for it.

        The module has no SIZE command.
        """
        if self.debugging:
            print("*cmd*", self.sanitize("SIZE " + filename))
        with self._noting_errors():
            size = self._control.size(filename)
        self._replied(f"213 {'' if size is None else size}".rstrip())
        return size

    # -- listings ---------------------------------------------------------------------------------

    def dir(self, *args: str | Callable[[str], object] | None) -> None:
        """Lists a directory, the working directory by default, on standard output.

        A last argument that is no text is called with each line instead.
        """
        callback: Callable[[str], object] | None = None
        if args and not isinstance(args[-1], str):
            *args, callback = args  # type: ignore[assignment]
        path = " ".join(one for one in args if isinstance(one, str) and one)
        self.retrlines(f"LIST {path}".rstrip(), callback)

    def nlst(self, *args: str) -> list[str]:
        """The names in a directory, without its path; made of its listing."""
        names: list[str] = []
        self.retrlines(" ".join(("NLST", *args)), names.append)
        return names

    def mlsd(
        self, path: str = "", facts: Iterable[str] = ()
    ) -> Iterator[tuple[str, dict[str, str]]]:
        """What a directory holds, as names and facts (RFC 3659); made of its listing.

        The facts are ``type``, ``size`` and ``modify`` as far as the listing has them, or those of
        them that ``facts`` names. ``modify`` is in the time zone of the server's listing, which
        tells no seconds, and of old files no hours, either: zeros stand for them.
        """
        wanted = {fact.lower() for fact in facts}
        for entry in self._control.entries(path):
            found = facts_of(entry)
            if wanted:
                found = {fact: value for fact, value in found.items() if fact in wanted}
            yield self._control.text(entry.name), found

    # -- files ------------------------------------------------------------------------------------

    def retrbinary(
        self,
        cmd: str,
        callback: Callable[[bytes], object],
        blocksize: int = 8192,
        rest: int | str | None = None,
    ) -> str:
        """Downloads a file: ``retrbinary("RETR name", file.write)``.

        ``callback`` gets the blocks, each of at most ``blocksize`` bytes, as they come. What it
        raises ends the download. ``rest`` is the first byte to fetch.
        """
        if blocksize < 1:
            raise ValueError(f"blocksize has to be 1 or more, not {blocksize}")
        blocks = Blocks(callback, blocksize)
        lines = self._listing(cmd)
        if lines is None:
            return self._retrieve(cmd, blocks, "binary", rest)
        for line in lines:
            blocks.write(line + b"\r\n")
        return self._replied("226 the listing is complete")

    def retrlines(self, cmd: str, callback: Callable[[str], object] | None = None) -> str:
        """Downloads a text, or a listing (``"LIST path"``, ``"NLST path"``), line by line.

        ``callback`` gets each line without its end; print() by default.
        """
        show = print if callback is None else callback

        def tell(line: str) -> None:
            if self.debugging > 2:
                print("*retr*", repr(line))
            show(line)

        listed = self._listing(cmd)
        if listed is None:
            lines = Lines(tell, self.encoding, self.maxline)
            reply = self._retrieve(cmd, lines, "ascii", None)
            lines.finish()
            return reply
        for octets in listed:
            line = octets.decode(self.encoding)
            if len(line) >= self.maxline:
                raise LineTooLong(self.maxline)
            tell(line)
        return self._replied("226 the listing is complete")

    def storbinary(
        self,
        cmd: str,
        fp: Readable,
        blocksize: int = 8192,
        callback: Callable[[bytes], object] | None = None,
        rest: int | str | None = None,
    ) -> str:
        """Uploads a file: ``storbinary("STOR name", file)``.

        ``blocksize`` bytes are read at once; ``callback`` gets each block once it was handed over.
        What file or callback raise ends the upload, and the short file is deleted. ``rest`` is
        where in the remote file the first byte goes.
        """
        if blocksize < 1:
            raise ValueError(f"blocksize has to be 1 or more, not {blocksize}")
        return self._store(cmd, blocks_of(fp, blocksize, callback), "binary", rest)

    def storlines(
        self,
        cmd: str,
        fp: LineReadable,
        callback: Callable[[bytes], object] | None = None,
    ) -> str:
        """Uploads a text from a file that is open in binary mode, its line ends made CRLF.

        ``callback`` gets each line once it was handed over.
        """
        return self._store(cmd, lines_of(fp, self.maxline, callback), "ascii", None)
