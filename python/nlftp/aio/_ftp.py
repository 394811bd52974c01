"""The FTP connection of a modem, for asyncio."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from .. import _arguments as arguments
from .. import _calls, _log, _nlftp
from .._arguments import Progress, Sink, Source
from .._calls import Call
from .._errors import Closed, Error
from .._types import Entry, Transfer, Type, Verify, Via
from ._files import ReadFile, WriteFile
from ._loop import Follower

if TYPE_CHECKING:
    from ._modem import Modem

T = TypeVar("T")


class Ftp:
    """The FTP connection that :meth:`Modem.ftp` has opened: :class:`nlftp.Ftp`, to be awaited."""

    def __init__(self, modem: Modem, native: _nlftp.Ftp, follower: Follower) -> None:
        self._modem = modem
        self._native = native
        self._follower = follower
        self._closed = False

    # -- files ------------------------------------------------------------------------------------

    async def put(
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
        """Uploads ``source`` as ``name``: see :meth:`nlftp.Ftp.put`.

        A path is read by a thread of the modem's, a file object on the loop's.
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
        return await self._run(_calls.put(self._native, source, name, options))

    async def get(
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
        """Downloads ``name`` into ``sink``: see :meth:`nlftp.Ftp.get`.

        A path is written and synced by a thread of the modem's, a file object on the loop's.
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
        return await self._run(_calls.get(self._native, name, sink, options))

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
        """Opens a remote file: ``async with``, then ``await file.read(n)`` or ``async for``.

        The end of the file is told only when the download went well.
        """
        remote = arguments.octets("name", name)
        options = arguments.options(via, type, offset, False, verify, deadline, progress)
        self._check_open()
        return ReadFile(lambda: self._native.start_read(remote, options), name, self._follower)

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
        """Opens a remote file for writing: ``async with``, then ``await file.write(data)``.

        Its end checks the upload and raises what went wrong; leaving by an exception cancels it.
        """
        remote = arguments.octets("name", name)
        options = arguments.options(via, type, offset, False, verify, deadline, progress)
        self._check_open()
        return WriteFile(lambda: self._native.start_write(remote, options), name, self._follower)

    # -- verbs ------------------------------------------------------------------------------------

    async def cwd(self, directory: str | bytes) -> None:
        """Changes the working directory (FTPCWD)."""
        await self._run(_calls.cwd(self._native, directory))

    async def cdup(self) -> None:
        """Changes to the parent directory (FTPCDUP)."""
        await self._run(_calls.cdup(self._native))

    async def pwd(self) -> str:
        """The working directory (FTPPWD)."""
        return await self._run(_calls.pwd(self._native))

    async def mkd(self, directory: str | bytes) -> None:
        """Makes a directory (FTPMKD)."""
        await self._run(_calls.mkd(self._native, directory))

    async def rmd(self, directory: str | bytes) -> None:
        """Removes an empty directory (FTPRMD)."""
        await self._run(_calls.rmd(self._native, directory))

    async def delete(self, name: str | bytes) -> None:
        """Deletes a file (FTPDEL)."""
        await self._run(_calls.delete(self._native, name))

    async def rename(self, old: str | bytes, new: str | bytes) -> None:
        """Renames a file or directory (FTPREN): see :meth:`nlftp.Ftp.rename`."""
        await self._run(_calls.rename(self._native, old, new))

    async def list(self, path: str | bytes | None = None) -> list[Entry]:
        """Lists a directory or a file, the working directory without a path (FTPLIST)."""
        return await self._run(_calls.list_(self._native, path))

    async def stat(self, path: str | bytes | None = None) -> list_of_str:
        """The server's status, or that of a file or directory, line by line (FTPSTAT)."""
        return await self._run(_calls.stat(self._native, path))

    async def syst(self) -> str:
        """The kind of the server's system (FTPSYST)."""
        return await self._run(_calls.syst(self._native))

    async def noop(self) -> None:
        """Does nothing but keep the connection alive (FTPNOOP)."""
        await self._run(_calls.noop(self._native))

    async def is_connected(self) -> bool:
        """Whether the module says that the connection stands (AT+FTPOPEN?)."""
        return await self._run(_calls.is_connected(self._native))

    async def on_info(self, callback: Callable[[str], object] | None) -> None:
        """Calls ``callback(line)`` for the lines of the control connection (FTPINFO)."""
        await self._run(_calls.on_info(self._native, callback))

    async def close(self) -> None:
        """Closes the connection (FTPCLOSE). A second call does nothing."""
        if self._closed:
            return
        await self._run(_calls.logout(self._native))
        self._closed = True

    @property
    def modem(self) -> Modem:
        """The modem whose connection it is."""
        return self._modem

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    async def __aenter__(self) -> Ftp:
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._modem.closed:
            return
        try:
            await self.close()
        except Error as error:
            # What was to be done is done, or failed with an exception of its own.
            _log.logger.warning("%s: closing the connection: %s", self._modem.port, error)

    def _check_open(self) -> None:
        if self._closed:
            raise Closed("the FTP connection was closed: open it with Modem.ftp()")

    async def _run(self, call: Call[T]) -> T:
        self._check_open()
        return await self._modem._run(call)


# `list` is a method of the class above.
list_of_str = list[str]
