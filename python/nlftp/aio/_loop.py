"""Operations of a modem in an event loop, which watches one descriptor."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from .. import _log, _nlftp
from .._calls import Call

T = TypeVar("T")


class Follower:
    """Follows the operations of one modem in the loop in which it was first used."""

    def __init__(self, native: _nlftp.Modem) -> None:
        self._native = native
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending: dict[_nlftp.Operation, asyncio.Future[None]] = {}

    async def run(self, call: Call[T]) -> T:
        """Starts a call and waits for its end."""
        return call.make(await self.follow(self.start(call)))

    def start(self, call: Call[Any]) -> _nlftp.Operation:
        """Starts a call."""
        self.watch()
        _log.follow()
        return call.start()

    def watch(self) -> None:
        """Watches the modem in the running loop."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        if self._loop is not None and not self._loop.is_closed():
            raise RuntimeError("the modem is in use in another event loop")
        self._loop = loop
        loop.add_reader(self._native.fileno(), self._serve)

    def unwatch(self) -> None:
        """Leaves the loop."""
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._native.fileno())

    async def follow(self, operation: _nlftp.Operation) -> Any:
        """Waits for the end of an operation; its result."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending[operation] = ended
        # What came before it was watched for.
        self._native.renotify()
        try:
            await ended
        except asyncio.CancelledError:
            operation.abandon()
            raise
        finally:
            self._pending.pop(operation, None)
        return operation.result()

    def _serve(self) -> None:
        """The descriptor is readable: callbacks run, and operations do their part."""
        try:
            self._native.dispatch()
        except Exception as error:
            self._complain(error)
        for operation, ended in list(self._pending.items()):
            try:
                if operation.poll() and not ended.done():
                    ended.set_result(None)
            except Exception as error:
                # The exception of the program's own file object or progress.
                if not ended.done():
                    ended.set_exception(error)

    def _complain(self, error: Exception) -> None:
        """What a callback raised that belongs to no call."""
        if self._loop is not None:
            self._loop.call_exception_handler(
                {"message": "a callback of nlftp's modem raised an exception", "exception": error}
            )
