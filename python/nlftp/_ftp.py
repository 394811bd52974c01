"""The FTP connection of a modem: its verbs, and files up and down."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from . import _arguments as arguments
from . import _calls, _log, _nlftp
from ._arguments import Progress, Sink, Source
from ._calls import Call
from ._errors import Closed, Error
from ._files import ReadFile, WriteFile
from ._types import Entry, Transfer, Type, Verify, Via

if TYPE_CHECKING:
    from ._modem import Modem

T = TypeVar("T")


class Ftp:
    """The FTP connection that :meth:`Modem.ftp` has opened.

    If it is lost, the call that notices says so, and the next one opens it anew with all that it
    had: context, mode, login and directory. Names are str (UTF-8) or bytes, at most 255 octets;
    those that come back are str, with surrogates for octets that are no UTF-8.
    """

    def __init__(self, modem: Modem, native: _nlftp.Ftp) -> None:
        self._modem = modem
        self._native = native
        self._closed = False

    # -- files ------------------------------------------------------------------------------------

    def put(
        self,
        source: Source,
        name: str | bytes,
        *,
        via: Via = "auto",
        type: Type = "binary",
        offset: int = 0,
        resume: bool = False,
        retry: int = 0,
        retry_delay: float = 1.0,
        retry_max_time: float | None = None,
        verify: Verify = "size",
        temporary: bool = False,
        deadline: float | None = None,
        progress: Progress | None = None,
    ) -> Transfer:
        """Uploads ``source`` as ``name``: FTPSTOR or FTPPUT (manual 1.2.15, 1.2.20).

        Returns when every check that was asked for and possible agrees.

        Args:
            source: a path; a binary file object, read from where it stands to its end; or bytes
                and anything else with the buffer protocol. A str is a path, bytes are content.
            name: the remote name.
            via: ``"stream"`` (FTPSTOR), ``"block"`` (FTPPUT), or ``"auto"``.
            type: ``"binary"``, or ``"ascii"``, whose sizes cannot be checked.
            offset: where in the remote file the first byte goes.
            resume: go on where an upload of the same file was cut off, found by comparing the last
                64 KiB of both sides; the source has to seek.
            retry: how often in a row a transfer that fails for a reason that may pass is tried
                again in this call, from where it ended: a lost port (see ``port_timeout`` of
                :class:`Modem`), network or connection is opened anew. A try that gets the file
                further starts the count anew. Sources and sinks are those of ``resume``.
            retry_delay: seconds before the first of them; twice as long before each next one in a
                row, up to a minute.
            retry_max_time: seconds after which no new try begins; None is no limit.
            verify: ``"size"`` (the server's listing), ``"readback"`` (a second download), or
                ``"none"``.
            temporary: upload as ``name.nlftp-part``, and rename it when it is complete and checked,
                so that ``name`` never stands for a part of the file.
            deadline: seconds that the whole call may take, in place of the modem's.
            progress: called with (bytes done, bytes in all or None), the last time with done =
                size; or an object with update(n), such as tqdm's bar.

        Raises:
            TransferError: it did not end whole; ``transferred`` and ``left_behind`` say more.
            Refused: the server refused it.
            LocalFileError: the source cannot be read. What a file object or progress raises comes
                out as it is.
        """
        options = arguments.options(
            via,
            type,
            offset,
            resume,
            verify,
            deadline,
            progress,
            temporary,
            retry,
            retry_delay,
            retry_max_time,
        )
        return self._run(_calls.put(self._native, source, name, options))

    def get(
        self,
        name: str | bytes,
        sink: Sink,
        *,
        via: Via = "auto",
        type: Type = "binary",
        offset: int = 0,
        resume: bool = False,
        retry: int = 0,
        retry_delay: float = 1.0,
        retry_max_time: float | None = None,
        verify: Verify = "size",
        deadline: float | None = None,
        progress: Progress | None = None,
    ) -> Transfer:
        """Downloads ``name`` into ``sink``: FTPRETR, or FTPGET and FTPRECV (manual 1.2.16, 1.2.18).

        A path appears only when the file is complete and checked; until then its bytes stand
        beside it, in a file whose name ends in ``.nlftp-part``, which a failure removes unless
        ``resume`` is given.

        Args:
            name: the remote name.
            sink: a path; a binary file object, written to from where it stands; a bytearray, which
                grows; or another writable buffer, which is filled from its start.
            offset: the first byte of the remote file to fetch.
            via, type, resume, retry, retry_delay, retry_max_time, verify, deadline, progress: as
                for :meth:`put`; ``resume`` and ``retry`` take paths only.

        Raises:
            As for :meth:`put`.
        """
        options = arguments.options(
            via,
            type,
            offset,
            resume,
            verify,
            deadline,
            progress,
            retry=retry,
            retry_delay=retry_delay,
            retry_max_time=retry_max_time,
        )
        return self._run(_calls.get(self._native, name, sink, options))

    def open_read(
        self,
        name: str | bytes,
        *,
        via: Via = "auto",
        type: Type = "binary",
        offset: int = 0,
        verify: Verify = "size",
        deadline: float | None = None,
        progress: Progress | None = None,
    ) -> ReadFile:
        """Opens a remote file for reading: a raw binary file object that streams.

        Nothing but what lies on the way is held in memory. The end of the file is told only when
        the download went well, and raises what went wrong otherwise. The modem is busy until the
        file is closed; closing it before its end cancels the download.

        For lines, wrap it: ``io.TextIOWrapper(io.BufferedReader(ftp.open_read(name)))``.
        """
        remote = arguments.octets("name", name)
        options = arguments.options(via, type, offset, False, verify, deadline, progress)
        self._check()
        _log.follow()
        operation, descriptor = self._native.start_read(remote, options)
        file = ReadFile(operation, descriptor, name, self._modem._native)
        self._modem._files.add(file)
        return file

    def open_write(
        self,
        name: str | bytes,
        *,
        via: Via = "auto",
        type: Type = "binary",
        offset: int = 0,
        verify: Verify = "size",
        deadline: float | None = None,
        progress: Progress | None = None,
    ) -> WriteFile:
        """Opens a remote file for writing: a raw binary file object that streams.

        close() ends the upload, checks it, and raises what went wrong; leaving ``with`` by an
        exception cancels it. The modem is busy until then.
        """
        remote = arguments.octets("name", name)
        options = arguments.options(via, type, offset, False, verify, deadline, progress)
        self._check()
        _log.follow()
        operation, descriptor = self._native.start_write(remote, options)
        file = WriteFile(operation, descriptor, name, self._modem._native)
        self._modem._files.add(file)
        return file

    # -- verbs ------------------------------------------------------------------------------------

    def cwd(self, directory: str | bytes) -> None:
        """Changes the working directory (FTPCWD, manual 1.2.4)."""
        self._run(_calls.cwd(self._native, directory))

    def cdup(self) -> None:
        """Changes to the parent directory (FTPCDUP, manual 1.2.8)."""
        self._run(_calls.cdup(self._native))

    def pwd(self) -> str:
        """The working directory (FTPPWD, manual 1.2.7)."""
        return self._run(_calls.pwd(self._native))

    def mkd(self, directory: str | bytes) -> None:
        """Makes a directory (FTPMKD, manual 1.2.5)."""
        self._run(_calls.mkd(self._native, directory))

    def rmd(self, directory: str | bytes) -> None:
        """Removes an empty directory (FTPRMD, manual 1.2.6)."""
        self._run(_calls.rmd(self._native, directory))

    def delete(self, name: str | bytes) -> None:
        """Deletes a file (FTPDEL, manual 1.2.9)."""
        self._run(_calls.delete(self._native, name))

    def rename(self, old: str | bytes, new: str | bytes) -> None:
        """Renames a file or directory (FTPREN, manual 1.2.10).

        A relative new name counts from the working directory, not from the old name's.
        """
        self._run(_calls.rename(self._native, old, new))

    def list(self, path: str | bytes | None = None) -> list[Entry]:
        """Lists a directory or a file, the working directory without a path (FTPLIST, 1.2.11).

        Some servers list nothing for a name that does not exist.
        """
        return self._run(_calls.list_(self._native, path))

    def stat(self, path: str | bytes | None = None) -> list_of_str:
        """The server's status, or that of a file or directory, line by line (FTPSTAT, 1.2.12)."""
        return self._run(_calls.stat(self._native, path))

    def syst(self) -> str:
        """The kind of the server's system, such as ``UNIX Type: L8`` (FTPSYST, manual 1.2.13)."""
        return self._run(_calls.syst(self._native))

    def noop(self) -> None:
        """Does nothing but keep the connection alive (FTPNOOP, manual 1.2.14)."""
        self._run(_calls.noop(self._native))

    def is_connected(self) -> bool:
        """Whether the module says that the connection stands (AT+FTPOPEN?).

        It may have been lost without the module having noticed: :meth:`noop` asks the server.
        """
        return self._run(_calls.is_connected(self._native))

    def on_info(self, callback: Callable[[str], object] | None) -> None:
        """Calls ``callback(line)`` for the lines of the control connection (FTPINFO, manual 1.2.3).

        Passwords in them are masked. None switches FTPINFO off.
        """
        self._run(_calls.on_info(self._native, callback))

    def close(self) -> None:
        """Closes the connection (FTPCLOSE, manual 1.2.2). A second call does nothing."""
        if self._closed:
            return
        self._run(_calls.logout(self._native))
        self._closed = True

    @property
    def modem(self) -> Modem:
        """The modem whose connection it is."""
        return self._modem

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def __enter__(self) -> Ftp:
        self._check_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._modem.closed:
            return
        try:
            self.close()
        except Error as error:
            # What was to be done is done, or failed with an exception of its own.
            _log.logger.warning("%s: closing the connection: %s", self._modem.port, error)

    def _check_open(self) -> None:
        if self._closed:
            raise Closed("the FTP connection was closed: open it with Modem.ftp()")

    def _check(self) -> None:
        self._check_open()
        self._modem._check()

    def _run(self, call: Call[T]) -> T:
        self._check_open()
        return self._modem._run(call)


# `list` is a method of the class above.
list_of_str = list[str]
