"""The modem: a serial port with a module behind it, and the commands that are not FTP."""

from __future__ import annotations

import os
import threading
import warnings
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, TypeVar, cast

from . import _arguments as arguments
from . import _calls, _log, _nlftp
from ._calls import Call
from ._errors import Busy, Closed, Error, WouldDeadlock
from ._exit import open_modems
from ._ftp import Ftp
from ._types import Dialect, Flow, ModemInfo, State

T = TypeVar("T")


class _OpenFile(Protocol):
    """A remote file that is open for reading or writing."""

    def belongs_to(self, thread: int) -> bool: ...


class Modem:
    """A Fibocom NL668 or NL661 module on a serial port.

    Opening brings the module to command mode, whatever state it was left in: milliseconds where
    it is ready, up to about 20 seconds where it does not answer. ``with`` closes it::

        with nlftp.Modem("/dev/ttyUSB2") as modem:
            print(modem.command("AT+CSQ"))

    Every method may be called from any thread; calls of several threads are served one after the
    other. While a call waits, other threads run, and Ctrl-C ends it at once: the module is brought
    back to command mode behind it, which the next call waits for. Callbacks run in the thread that
    waits in a call, or in :meth:`dispatch`. What one raises ends the call that it runs in.

    Args:
        port: the path of the serial device, such as ``"/dev/ttyUSB2"``.
        baudrate: bits per second; without meaning on USB and pseudo-terminals.
        flow: what holds a sender back: ``"rtscts"``, ``"xonxoff"`` or ``"none"`` (V.250 AT+IFC).
        timeout: seconds that a final result (OK, ERROR) may take.
        outcome_timeout: seconds that an outcome (``+FTPCWD: 1``) and FTPPUT's prompt may take.
        stall_timeout: seconds that a transfer may go without a byte.
        port_timeout: seconds that a call waits for a port that was lost (an unplugged cable), or is
            yet to be plugged in; 0 is not at all. A device that comes back under another name is
            known by its USB serial number and interface, or by the USB port that it is plugged in.
        deadline: seconds that a whole call may take, all its commands together; None is no limit.
        dialect: what cannot be found out about a firmware without risk.
        trace: path of a file that gets a record of the port's traffic, passwords masked.

    Raises:
        PortLost: the port does not exist, is taken, or is no serial port.
        Timeout: nothing answers on it.
        InvalidArgument: an argument is out of its range.
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
        self._files: weakref.WeakSet[_OpenFile] = weakref.WeakSet()
        self._closed = False
        open_modems.add(self)
        try:
            self._run(_calls.open_port(self._native))
        except BaseException:
            self._closed = True
            open_modems.discard(self)
            raise

    # -- commands ---------------------------------------------------------------------------------

    def command(self, line: str | bytes) -> list[str]:
        """Sends one AT command; its information lines, without their ends.

        ``modem.command("AT")`` gives ``[]``. Commands that move data are refused: :class:`Ftp` has
        them.

        Raises:
            CommandError: the modem answered ERROR; ``code`` and ``text`` say more.
            InvalidArgument: it is not one command line.
            Timeout: no answer came within ``timeout``.
        """
        return self._run(_calls.command(self._native, line))

    def attach(self, apn: str = "CTNET", user: str | None = None, password: str = "") -> str:
        """Activates the PDP context (AT+MIPCALL, manual 3.1); the module's address.

        Where it is active already, only the address is asked for. Takes a minute at the most.
        """
        return self._run(_calls.attach(self._native, apn, user, password))

    def detach(self) -> None:
        """Closes the FTP connection and gives the PDP context up; no error where none is active."""
        self._run(_calls.detach(self._native))

    def info(self) -> ModemInfo:
        """Asks who answers on the port, and for SIM, registration, signal and address."""
        return self._run(_calls.info(self._native))

    def set_ftp_limit(self, period: int) -> None:
        """Sets the timer that paces FTPRETR's data on USB (AT+GTSET="FTPLIMIT"), 0 to 1000."""
        self._run(_calls.set_ftp_limit(self._native, period))

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
    ) -> Ftp:
        """Opens the module's FTP connection and logs in; the module has only one.

        Args:
            host: name or address of the server, at most 1,024 octets.
            user, password: at most 255 octets each.
            port: the server's control port; 21, or 990 with TLS, unless given.
            tls: FTPS, the manual's ``sftpmode``.
            account: for servers that ask for one (RFC 959 ACCT).
            passive: passive data connections, or active ones.
            source_control_port, source_data_port: the module's own ports; 0 lets it choose.

        Raises:
            NotConnected: the outcome was 0, for which the module gives no reason.
            CommandError: the module refuses, with code 2031 where it is not attached.
            Busy: a connection is open already.
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
        self._run(call)
        return Ftp(self, self._native.connection())

    # -- what the modem says unasked --------------------------------------------------------------

    def on_urc(self, callback: Callable[[str], object] | None) -> None:
        """Calls ``callback(line)`` for each unsolicited line, without its end; None ends it."""
        checked = arguments.callback("callback", callback)
        self._check_open()
        self._native.on_urc(checked)

    def on_state(self, callback: Callable[[State], object] | None) -> None:
        """Calls ``callback(state)`` for each state that the modem enters; None ends it."""
        checked = arguments.callback("callback", callback)
        self._check_open()
        self._native.on_state(checked)

    def dispatch(self) -> None:
        """Runs the callbacks for what the modem has said since the last call; never blocks.

        For programs that watch :meth:`fileno`; the others get their callbacks inside of calls.
        """
        self._check_open()
        _log.follow()
        self._native.dispatch()

    def fileno(self) -> int:
        """A descriptor for select and its like: readable while :meth:`dispatch` has work.

        It is there whether the port is open or not; it is not to be read, written or closed.
        """
        self._check_open()
        return self._native.fileno()

    # -- its life ---------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Cancels whichever call runs, from any thread; that one raises Cancelled."""
        self._native.cancel()

    def reopen(self) -> None:
        """Opens the port again after PortLost; where port and module answer, nothing happens.

        An FTP connection that was open then is opened anew by the next call that needs it.
        """
        self._run(_calls.open_port(self._native))

    def close(self) -> None:
        """Closes the FTP connection and the port, and leaves the module in command mode.

        Waits for a recovery that still goes on. A second call does nothing.

        Raises:
            Error: what kept the connection from being closed; the port is closed all the same.
        """
        if self._closed:
            return
        if _nlftp.in_callback():
            raise would_deadlock()
        try:
            self._start(_calls.close_port(self._native)).wait()
        except Error as error:
            self._end()
            if not isinstance(error, Closed):
                raise
        else:
            self._end()

    def _end(self) -> None:
        self._closed = True
        open_modems.discard(self)
        self._native.stop()

    @property
    def port(self) -> str:
        """The path that the port was opened under."""
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

    def __enter__(self) -> Modem:
        self._check_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except Error as error:
            # What was to be done is done, or failed with an exception of its own.
            _log.logger.warning("%s: closing: %s", self._port, error)

    def __repr__(self) -> str:
        return f"<nlftp.Modem {self._port!r} {self.state}>"

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            warnings.warn(f"unclosed modem {self!r}", ResourceWarning, source=self, stacklevel=1)
            self._native.stop()

    # -- how calls run ----------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise Closed("the modem was closed: open it again with an object of its own")

    def _check(self) -> None:
        """What a call that waits must not meet."""
        if _nlftp.in_callback():
            raise would_deadlock()
        self._check_open()
        me = threading.get_ident()
        if any(file.belongs_to(me) for file in self._files):
            raise Busy(
                "a remote file that this thread has opened is still open on this modem, which does "
                "one thing at a time: close the file first"
            )

    def _start(self, call: Call[T]) -> _nlftp.Operation:
        _log.follow()
        return call.start()

    def _run(self, call: Call[T]) -> T:
        self._check()
        return call.make(self._start(call).wait())


def would_deadlock() -> WouldDeadlock:
    """The error of a call inside a callback."""
    return WouldDeadlock(
        "waiting inside a callback would deadlock: note what is to be done, and do it outside"
    )
