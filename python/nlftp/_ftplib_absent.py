"""What ftplib has and nlftp.FTP has not: sockets, and single lines of the control connection."""

from __future__ import annotations

from typing import NoReturn

from ._ftplib_errors import NoSocket, Unsupported


class NoSocketHere:
    """Stands in for ``ftp.sock`` between connect() and close(), as scripts ask whether it is None.

    The connections are the module's, so that there is no socket: every attribute raises an
    AttributeError that says so, which is a :class:`ftplib.error_perm`, too.
    """

    def __getattr__(self, name: str) -> NoReturn:
        raise NoSocket(
            f"502 sock.{name}: the connections are the module's and have no socket here; time "
            "limits are arguments of nlftp.Modem"
        )

    def __repr__(self) -> str:
        return "<no socket: the connection is the module's>"


class Absent:
    """The methods of :class:`ftplib.FTP` that the module has nothing for.

    Each raises an :class:`nlftp.InvalidArgument` that is a :class:`ftplib.error_perm` and a
    :class:`NotImplementedError`, too, and says what to use instead.
    """

    def transfercmd(self, cmd: str, rest: int | str | None = None) -> NoReturn:
        """Not there: the module has the data connection, and there is no socket to return."""
        raise _no_socket("transfercmd()")

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> NoReturn:
        """Not there: see :meth:`transfercmd`."""
        raise _no_socket("ntransfercmd()")

    def makeport(self) -> NoReturn:
        """Not there: the module opens data connections itself."""
        raise _no_address("makeport()")

    def makepasv(self) -> NoReturn:
        """Not there: the module opens data connections itself."""
        raise _no_address("makepasv()")

    def sendport(self, host: str, port: int) -> NoReturn:
        """Not there: the module opens data connections itself."""
        raise _no_address("sendport()")

    def sendeprt(self, host: str, port: int) -> NoReturn:
        """Not there: the module opens data connections itself."""
        raise _no_address("sendeprt()")

    def putline(self, line: str) -> NoReturn:
        """Not there: see :meth:`putcmd`."""
        raise _no_line("putline()")

    def putcmd(self, line: str) -> NoReturn:
        """Not there: a command and its reply are one call, sendcmd() or voidcmd()."""
        raise _no_line("putcmd()")

    def getline(self) -> NoReturn:
        """Not there: see :meth:`putcmd`."""
        raise _no_line("getline()")

    def getmultiline(self) -> NoReturn:
        """Not there: see :meth:`putcmd`."""
        raise _no_line("getmultiline()")

    def getresp(self) -> NoReturn:
        """Not there: see :meth:`putcmd`."""
        raise _no_line("getresp()")

    def voidresp(self) -> NoReturn:
        """Not there: see :meth:`putcmd`."""
        raise _no_line("voidresp()")


def _no_socket(method: str) -> Unsupported:
    return Unsupported(
        f"502 {method}: the data connection is the module's and has no socket here; use "
        "retrbinary(), storbinary() and their like, or open_read() and open_write() of "
        "FTP.connection, which give file objects"
    )


def _no_address(method: str) -> Unsupported:
    return Unsupported(
        f"502 {method}: the module opens data connections itself; set_pasv() says in which mode"
    )


def _no_line(method: str) -> Unsupported:
    return Unsupported(
        f"502 {method}: the module gives no single lines of the control connection; use sendcmd() "
        "or voidcmd(), which give the reply"
    )
