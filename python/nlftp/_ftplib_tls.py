"""The interface of ftplib.FTP_TLS on a modem."""

from __future__ import annotations

from typing import NoReturn

from ._ftplib_client import FTP, TLS_PORT
from ._ftplib_errors import ConnectionLost, Unsupported
from ._modem import Modem


class FTP_TLS(FTP):
    """The same as :class:`FTP` over TLS, with the interface of :class:`ftplib.FTP_TLS`.

    TLS is the module's: login() has it log in with the TLS flag of FTPOPEN. Which certificates it
    trusts is set in the module, so that an ``ssl`` context has no place here. Once TLS is asked
    for, nothing goes in clear text; a connection without it is an error, never a way out.

    ``port`` is 990, the module's default with TLS, unless connect() is given another one. Whether
    TLS begins with the first byte or with AUTH TLS is the firmware's choice.
    """

    port: int = TLS_PORT

    def __init__(
        self,
        modem: Modem,
        host: str = "",
        user: str = "",
        passwd: str = "",
        acct: str = "",
        *,
        context: None = None,
        timeout: float | None = None,
        source_address: tuple[str, int] | None = None,
        encoding: str = "utf-8",
    ) -> None:
        if context is not None:
            raise Unsupported(
                "502 context: TLS is the module's, whose trusted certificates are set in the "
                "module; leave the context out"
            )
        super().__init__(
            modem, host, user, passwd, acct, timeout, source_address, encoding=encoding
        )

    def connect(
        self,
        host: str = "",
        port: int = 0,
        timeout: float | None = -999,
        source_address: tuple[str, int] | None = None,
    ) -> str:
        """Remembers where login() is to connect to: see :meth:`FTP.connect`."""
        self._tls = False
        return super().connect(host, port, timeout, source_address)

    def login(self, user: str = "", passwd: str = "", acct: str = "", secure: bool = True) -> str:
        """Connects and logs in over TLS; in clear text where ``secure`` is False."""
        if secure and not self._tls:
            self.auth()
        return super().login(user, passwd, acct)

    def auth(self) -> str:
        """Asks for TLS, from the next login() on, which does so by itself.

        Raises:
            ValueError: TLS was asked for already.
            ftplib.error_perm: somebody is logged in in clear text, and the module cannot change
                that; close() and connect() first.
        """
        if self._tls:
            raise ValueError("TLS is used already")
        if self.sock is None:
            raise ConnectionLost("421 not connected: call connect() first")
        if self.connection is not None:
            raise Unsupported(
                "503 auth(): the module begins TLS as it logs in; call it before login()"
            )
        self._tls = True
        return self._replied("234 AUTH TLS: the module uses TLS from the login on")

    def prot_p(self) -> str:
        """Says that data connections are encrypted, which they are with TLS."""
        if not self._tls:
            raise Unsupported("503 prot_p(): without TLS there is nothing to protect; call auth()")
        return self._replied("200 PROT P: the module encrypts data connections with TLS")

    def prot_c(self) -> NoReturn:
        """Not there: with TLS the module encrypts data connections, too."""
        raise Unsupported("536 prot_c(): with TLS the module encrypts data connections, too")

    def ccc(self) -> NoReturn:
        """Not there: with TLS the control connection stays encrypted."""
        if not self._tls:
            raise ValueError("TLS is not used")
        raise Unsupported("533 ccc(): the module keeps the control connection encrypted")
