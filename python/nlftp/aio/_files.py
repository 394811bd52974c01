"""Remote files that are read and written by awaiting: what moves goes through a pipe."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from .. import _nlftp, _results
from .._types import Transfer
from ._loop import Follower

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: How much one step of an iteration gives at the most.
BLOCK = 65536


class _RemoteFile:
    """What reading and writing have in common."""

    def __init__(
        self,
        start: Callable[[], tuple[_nlftp.Operation, int]],
        name: str | bytes,
        follower: Follower,
    ) -> None:
        self._start = start
        self._follower = follower
        self._operation: _nlftp.Operation | None = None
        self._end: asyncio.Task[None] | None = None
        self._descriptor: int | None = None
        self._closed = False
        self._transfer: Transfer | None = None
        self.name = name

    @property
    def transfer(self) -> Transfer | None:
        """What the transfer came to, once it has ended well."""
        return self._transfer

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def _open(self) -> int:
        """The pipe's descriptor; the transfer starts with the first use."""
        if self._closed:
            raise ValueError("I/O operation on closed file")
        if self._end is None:
            self._follower.watch()
            self._operation, self._descriptor = self._start()
            os.set_blocking(self._descriptor, False)
            self._end = asyncio.ensure_future(self._follow(self._operation))
        if self._descriptor is None:
            raise ValueError("the transfer has ended")
        return self._descriptor

    async def _follow(self, operation: _nlftp.Operation) -> None:
        self._transfer = _results.transfer(await self._follower.follow(operation))

    async def _ready(self, watch: Callable[..., object], unwatch: Callable[[int], object]) -> None:
        """Waits until the pipe can be used."""
        descriptor = self._open()
        ready = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        watch(descriptor, wake)
        try:
            await ready
        finally:
            unwatch(descriptor)

    def _close_descriptor(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    async def _finish(self) -> None:
        """Waits for the end of the transfer, and raises what went wrong."""
        if self._end is not None:
            await self._end

    async def _cancel(self) -> None:
        """Gives the transfer up."""
        self._closed = True
        # Before the pipe is closed, which would look like the end of the file.
        if self._operation is not None:
            self._operation.abandon()
        self._close_descriptor()
        if self._end is not None:
            self._end.cancel()
            await asyncio.wait([self._end])
            if not self._end.cancelled():
                # It had ended before; what went wrong was told, or is of no more interest.
                self._end.exception()


class ReadFile(_RemoteFile):
    """A remote file that is read as it comes: see :meth:`Ftp.open_read`."""

    async def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, at least one; b"" is the end of a file that arrived whole.

        Without a size, or a negative one, all that is left.
        """
        if size < 0:
            parts = []
            while part := await self.read(BLOCK):
                parts.append(part)
            return b"".join(parts)
        if self._end is not None and self._descriptor is None and not self._closed:
            return b""
        loop = asyncio.get_running_loop()
        while True:
            try:
                data = os.read(self._open(), size)
            except BlockingIOError:
                await self._ready(loop.add_reader, loop.remove_reader)
                continue
            if not data and size > 0:
                self._close_descriptor()
                await self._finish()
            return data

    async def close(self) -> None:
        """Closes it; before its end, that cancels the download."""
        if not self._closed:
            await self._cancel()

    def __aiter__(self) -> ReadFile:
        return self

    async def __anext__(self) -> bytes:
        data = await self.read(BLOCK)
        if not data:
            raise StopAsyncIteration
        return data

    async def __aenter__(self) -> ReadFile:
        self._open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class WriteFile(_RemoteFile):
    """A remote file that is written as it goes: see :meth:`Ftp.open_write`."""

    async def write(self, data: ReadableBuffer) -> int:
        """Writes all of it; how much that is."""
        if isinstance(data, str):
            raise TypeError("write() needs bytes, not str")
        loop = asyncio.get_running_loop()
        left = memoryview(data).cast("B")
        count = left.nbytes
        self._open()
        while left:
            try:
                left = left[os.write(self._open(), left) :]
            except BlockingIOError:
                await self._ready(loop.add_writer, loop.remove_writer)
            except BrokenPipeError:
                # The upload has ended before its time, and says why.
                self._close_descriptor()
                await self._finish()
                raise
        return count

    async def close(self) -> None:
        """Ends the upload and checks it; raises what went wrong."""
        if self._closed:
            return
        if self._end is None:
            # Nothing was written: an empty file.
            self._open()
        self._closed = True
        self._close_descriptor()
        await self._finish()

    async def cancel(self) -> None:
        """Closes it without ending the upload: what is on the server is not taken for the file."""
        if not self._closed:
            await self._cancel()

    async def __aenter__(self) -> WriteFile:
        self._open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            await self.close()
        else:
            await self.cancel()
