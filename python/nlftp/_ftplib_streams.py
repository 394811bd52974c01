"""The ends of nlftp.FTP's transfers: blocks and lines, in and out, one at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ._ftplib_errors import LineTooLong

T = TypeVar("T")


class Readable(Protocol):
    """A file that storbinary() takes."""

    def read(self, size: int, /) -> bytes: ...


class LineReadable(Protocol):
    """A file that storlines() takes."""

    def readline(self, size: int, /) -> bytes: ...


class End:
    """One end of a transfer, which runs code of the caller's."""

    #: What that code raised, which is the caller's and no error of the transfer.
    raised: BaseException | None = None

    def run(self, code: Callable[..., T], *arguments: Any) -> T:
        """Calls the caller's code."""
        try:
            return code(*arguments)
        except BaseException as raised:
            self.raised = raised
            raise


class Blocks(End):
    """A sink that gives what it gets to a callback, in blocks of a limited size."""

    def __init__(self, callback: Callable[[bytes], object], blocksize: int) -> None:
        self._callback = callback
        self._blocksize = blocksize

    def write(self, data: bytes) -> int:
        """Takes bytes of the file."""
        for start in range(0, len(data), self._blocksize):
            self.run(self._callback, data[start : start + self._blocksize])
        return len(data)


class Lines(End):
    """A sink that gives what it gets to a callback line by line, without the line ends."""

    def __init__(self, callback: Callable[[str], object], encoding: str, maxline: int) -> None:
        self._callback = callback
        self._maxline = maxline
        # Any of CRLF, CR and LF ends a line, as in ftplib.
        decoder = codecs.getincrementaldecoder(encoding)()
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._begun = ""

    def write(self, data: bytes) -> int:
        """Takes bytes of the file."""
        self.run(self._take, self._decoder.decode(data))
        return len(data)

    def finish(self) -> None:
        """Gives the last line, if no line end stood behind it."""
        self.run(self._take, self._decoder.decode(b"", final=True))
        if self._begun:
            self.run(self._callback, self._begun)

    def _take(self, text: str) -> None:
        *whole, self._begun = (self._begun + text).split("\n")
        for line in whole:
            # The line end counts.
            if len(line) >= self._maxline:
                raise LineTooLong(self._maxline)
            self._callback(line)
        if len(self._begun) > self._maxline:
            raise LineTooLong(self._maxline)


class Pieces(End):
    """A source that gives out what a file gives, and tells a callback of every piece handed over.

    It holds one piece at a time.
    """

    def __init__(
        self, following: Callable[[], bytes], callback: Callable[[bytes], object] | None
    ) -> None:
        self._following = following
        self._callback = callback
        self._piece = b""
        self._given = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        if self._given == len(self._piece):
            if self._piece and self._callback is not None:
                self.run(self._callback, self._piece)
            self._piece = self.run(self._following)
            self._given = 0
        start = self._given
        self._given = len(self._piece) if size < 0 else min(start + size, len(self._piece))
        # Of a whole piece this is no copy.
        return self._piece[start : self._given]


def blocks_of(file: Readable, blocksize: int, callback: Callable[[bytes], object] | None) -> Pieces:
    """A source of a file's blocks, for storbinary()."""
    return Pieces(lambda: _binary(file.read(blocksize)), callback)


def lines_of(
    file: LineReadable, maxline: int, callback: Callable[[bytes], object] | None
) -> Pieces:
    """A source of a file's lines, each ended by CRLF, for storlines()."""

    def line() -> bytes:
        read = _binary(file.readline(maxline + 1))
        if len(read) > maxline:
            raise LineTooLong(maxline)
        if not read or read.endswith(b"\r\n"):
            return read
        return (read[:-1] if read[-1:] in b"\r\n" else read) + b"\r\n"

    return Pieces(line, callback)


def _binary(read: object) -> bytes:
    if isinstance(read, str):
        raise TypeError("the file is open as text: open it in binary mode, with 'rb'")
    if read is None:
        return b""
    if isinstance(read, bytes):
        return read
    if isinstance(read, (bytearray, memoryview)):
        return bytes(read)
    raise TypeError(f"the file gave {type(read).__name__} where bytes were to come")
