"""The modem for asyncio."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, TypeVar, cast

from .. import _arguments as arguments
from .. import _calls, _log, _nlftp
from .._calls import Call
from .._errors import Closed, Error
from .._exit import open_modems
from .._types import Dialect, Flow, ModemInfo, State
from ._ftp import Ftp
from ._loop import Follower

T = TypeVar("T")


class Modem:
    """A Fibocom NL668 or NL661 module on a serial port, for asyncio.

    ``async with`` opens and closes it; so do ``await modem.open()`` and ``await modem.close()``.
    It belongs to the event loop in which it is opened. Tasks that use it at the same time are
    served one after the other. Arguments and errors are those of :class:`nlftp.Modem`.
    """

    def __init__(
        self,
        port: str | os.PathLike[str],
        *,
        baudrate: int = 115200,
        flow: Flow = "rtscts",
        timeout: float = 10.0,
        outcome_timeout: float = 150.0,
        stall_timeout: float = 60.0,
        port_timeout: float = 0.0,
        deadline: float | None = None,
        dialect: Dialect | str | None = None,
        trace: str | os.PathLike[str] | None = None,
    ) -> None:
        self._port = arguments.path("port", port)
        settings = _calls.modem_settings(
            baudrate,
            flow,
            timeout,
            outcome_timeout,
            stall_timeout,
            port_timeout,
            deadline,
            dialect,
            trace,
        )
        _log.follow()
        self._native = _nlftp.Modem(self._port, settings)
        self._follower = Follower(self._native)
        self._opened = False
        self._closed = False

    # -- its life ---------------------------------------------------------------------------------

    async def open(self) -> Modem:
        """Opens the port, and brings the module to command mode."""
        self._check_open()
        self._opened = True
        open_modems.add(self)
        await self._run(_calls.open_port(self._native))
        return self

    async def reopen(self) -> None:
        """Opens the port again after PortLost; where port and module answer, nothing happens."""
        await self.open()

    async def close(self) -> None:
        """Closes the FTP connection and the port, and leaves the module in command mode.

        Waits for a recovery that still goes on. A second call does nothing.
        """
        if self._closed:
            return
        try:
            if self._opened:
                await self._run(_calls.close_port(self._native))
        except Error as error:
            await self._end()
            if not isinstance(error, Closed):
                raise
        else:
            await self._end()

    async def _end(self) -> None:
        self._closed = True
        open_modems.discard(self)
        self._follower.unwatch()
        # The port is closed, as a rule; where it is not, this takes its time.
        await asyncio.get_running_loop().run_in_executor(None, self._native.stop)

    def __await__(self) -> Generator[Any, None, Modem]:
        return self.open().__await__()

    async def __aenter__(self) -> Modem:
        if not self._opened:
            await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self.close()
        except Error as error:
            # What was to be done is done, or failed with an exception of its own.
            _log.logger.warning("%s: closing: %s", self._port, error)

    def __del__(self) -> None:
        if getattr(self, "_opened", False) and not self._closed:
            warnings.warn(f"unclosed modem {self!r}", ResourceWarning, source=self, stacklevel=1)
            self._native.stop()

    # -- commands ---------------------------------------------------------------------------------

    async def command(self, line: str | bytes) -> list[str]:
        """Sends one AT command; its information lines: see :meth:`nlftp.Modem.command`."""
        return await self._run(_calls.command(self._native, line))

    async def attach(self, apn: str = "CTNET", user: str | None = None, password: str = "") -> str:
        """Activates the PDP context; the module's address: see :meth:`nlftp.Modem.attach`."""
        return await self._run(_calls.attach(self._native, apn, user, password))

    async def detach(self) -> None:
        """Closes the FTP connection and gives the PDP context up."""
        await self._run(_calls.detach(self._native))

    async def info(self) -> ModemInfo:
        """Asks who answers on the port, and for SIM, registration, signal and address."""
        return await self._run(_calls.info(self._native))

    async def set_ftp_limit(self, period: int) -> None:
        """Sets the timer that paces FTPRETR's data on USB (AT+GTSET="FTPLIMIT"), 0 to 1000."""
        await self._run(_calls.set_ftp_limit(self._native, period))

    def ftp(
        self,
        host: str,
        user: str | bytes = "anonymous",
        password: str | bytes = "",
        *,
        port: int | None = None,
        tls: bool = False,
        account: str | bytes | None = None,
        passive: bool = True,
        source_control_port: int = 0,
        source_data_port: int = 0,
    ) -> Login:
        """Opens the FTP connection and logs in: ``await`` it, or use it with ``async with``.

        Arguments and errors are those of :meth:`nlftp.Modem.ftp`.
        """
        call = _calls.login(
            self._native,
            host,
            user,
            password,
            port,
            tls,
            account,
            passive,
            source_control_port,
            source_data_port,
        )
        return Login(self, call)

    # -- what the modem says unasked --------------------------------------------------------------

    def on_urc(self, callback: Callable[[str], object] | None) -> None:
        """Calls ``callback(line)`` in the loop for each unsolicited line; None ends it.

        What it raises goes to the loop's exception handler.
        """
        checked = arguments.callback("callback", callback)
        self._check_open()
        self._native.on_urc(checked)

    def on_state(self, callback: Callable[[State], object] | None) -> None:
        """Calls ``callback(state)`` in the loop for each state that the modem enters."""
        checked = arguments.callback("callback", callback)
        self._check_open()
        self._native.on_state(checked)

    def cancel(self) -> None:
        """Cancels whichever call runs, from any thread; that one raises nlftp.Cancelled."""
        self._native.cancel()

    @property
    def port(self) -> str:
        """The path of the port."""
        return self._port

    @property
    def state(self) -> State:
        """What it is doing: closed, opening, ready, connected, recovering or lost."""
        return cast("State", self._native.state())

    @property
    def warnings(self) -> list[str]:
        """What opening the port found that the user should know; empty as a rule."""
        return self._native.warnings()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def __repr__(self) -> str:
        return f"<nlftp.aio.Modem {self._port!r} {self.state}>"

    def _check_open(self) -> None:
        if self._closed:
            raise Closed("the modem was closed: open it again with an object of its own")

    async def _run(self, call: Call[T]) -> T:
        self._check_open()
        return await self._follower.run(call)


class Login:
    """A login that is about to be made: an awaitable, and a context manager."""

    def __init__(self, modem: Modem, call: Call[None]) -> None:
        self._modem = modem
        self._call = call
        self._ftp: Ftp | None = None

    async def _open(self) -> Ftp:
        await self._modem._run(self._call)
        return Ftp(self._modem, self._modem._native.connection(), self._modem._follower)

    def __await__(self) -> Generator[Any, None, Ftp]:
        return self._open().__await__()

    async def __aenter__(self) -> Ftp:
        self._ftp = await self._open()
        return self._ftp

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._ftp is not None:
            await self._ftp.__aexit__(kind, exception, traceback)
