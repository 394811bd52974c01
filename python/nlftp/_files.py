"""Remote files as raw binary file objects: what is read or written goes through a pipe."""

from __future__ import annotations

import io
import os
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from . import _nlftp, _results
from ._types import Transfer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class _RemoteFile(io.RawIOBase):
    """What reading and writing have in common."""

    mode: str

    def __init__(
        self,
        operation: _nlftp.Operation,
        descriptor: int,
        name: str | bytes,
        modem: _nlftp.Modem,
    ) -> None:
        self._operation: _nlftp.Operation | None = operation
        self._descriptor: int | None = descriptor
        self._modem = modem
        self._thread = threading.get_ident()
        self._transfer: Transfer | None = None
        self.name = name

    @property
    def transfer(self) -> Transfer | None:
        """What the transfer came to, once it has ended well."""
        return self._transfer

    def belongs_to(self, thread: int) -> bool:
        """Whether this thread has opened it, and it keeps the modem busy."""
        return self._operation is not None and self._thread == thread

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Raise, but for files that are open for reading."""
        raise io.UnsupportedOperation("not readable")

    def write(self, data: ReadableBuffer, /) -> int:
        """Raise, but for files that are open for writing."""
        raise io.UnsupportedOperation("not writable")

    def fileno(self) -> int:
        """The descriptor of the pipe, for select and its like."""
        if self._descriptor is None:
            raise ValueError("I/O operation on closed file")
        return self._descriptor

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def _run_callbacks(self) -> None:
        """Progress, and what the modem says unasked."""
        self._modem.dispatch()
        if self._operation is not None:
            self._operation.poll()

    def _close_descriptor(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _finish(self) -> None:
        """Waits for the end of the transfer, and raises what went wrong."""
        operation, self._operation = self._operation, None
        if operation is not None:
            self._transfer = _results.transfer(operation.wait())

    def _cancel(self) -> None:
        """Gives the transfer up."""
        operation, self._operation = self._operation, None
        if operation is not None:
            operation.abandon()
        self._close_descriptor()

    def __del__(self) -> None:
        if getattr(self, "_operation", None) is not None:
            self._cancel()
        super().__del__()


class ReadFile(_RemoteFile):
    """A remote file that is read as it comes: see :meth:`Ftp.open_read`."""

    mode = "rb"

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Reads what has come, up to the buffer's size, and waits for at least one byte.

        0 is the end of a file that arrived whole; anything else raises what went wrong.
        """
        self._check_open()
        view = memoryview(buffer)
        if view.readonly:
            raise TypeError(f"readinto() needs a writable buffer, not {type(buffer).__name__}")
        if self._operation is None or self._descriptor is None or view.nbytes == 0:
            return 0
        self._run_callbacks()
        count = os.readv(self._descriptor, [view])
        if count == 0:
            self._close_descriptor()
            self._finish()
        return count

    def close(self) -> None:
        """Closes it; before its end, that cancels the download."""
        if not self.closed:
            self._cancel()
            super().close()


class WriteFile(_RemoteFile):
    """A remote file that is written as it goes: see :meth:`Ftp.open_write`."""

    mode = "wb"

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Writes some of it, and says how much; waits until there is room for one byte at least."""
        self._check_open()
        if isinstance(data, str):
            raise TypeError("write() needs bytes, not str")
        self._run_callbacks()
        if self._descriptor is None:
            raise ValueError("the upload has ended: nothing can be written any more")
        try:
            return os.write(self._descriptor, data)
        except BrokenPipeError:
            # The upload has ended before its time, and says why.
            self._close_descriptor()
            self._finish()
            raise

    def close(self) -> None:
        """Ends the upload and checks it; raises what went wrong."""
        if self.closed:
            return
        try:
            self._close_descriptor()
            self._finish()
        finally:
            super().close()

    def cancel(self) -> None:
        """Closes it without ending the upload: what is on the server is not taken for the file."""
        if not self.closed:
            self._cancel()
            super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.cancel()
