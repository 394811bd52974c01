"""The exceptions of nlftp: one class for each kind of error, as in every language."""

from __future__ import annotations

import errno
from typing import Any


class Error(Exception):
    """What went wrong: one plain sentence with the cause and what to do next.

    Every class of nlftp's is one of these. Some are built-in exceptions, too, so that
    ``except TimeoutError`` or ``except OSError`` work as usual.

    Attributes:
        kind: the name of its kind, the same in every language, such as ``"not_connected"``.
        code: the number of the modem's ``+CME ERROR``, ``+CMS ERROR`` or ``ERROR: n``, or None.
        text: the modem's own words, such as ``"+FTPCWD: 0"``, or None.
        transferred: how many bytes a transfer had moved when it failed, or None.
        left_behind: what a failed transfer may have left on the server or here, or None.
        exit_status: the exit status of the program ``nlftp`` for an error of this kind.
    """

    kind: str = ""
    exit_status: int = 1
    code: int | None = None
    text: str | None = None
    transferred: int | None = None
    left_behind: str | None = None


class InvalidArgument(Error, ValueError):
    """An argument was refused before a byte was sent."""

    kind = "invalid_argument"
    exit_status = 2


class PortLost(Error, ConnectionError):
    """The serial port could not be opened, is taken, or was lost."""

    kind = "port"
    exit_status = 3


class Timeout(Error, TimeoutError):
    """The modem did not answer in time, or the call's deadline passed."""

    kind = "timeout"
    exit_status = 4


class CommandError(Error):
    """The modem answered ERROR, in any form; ``code`` is its number, where it gave one."""

    kind = "command"
    exit_status = 5


class Refused(CommandError):
    """The FTP server refused: the outcome was 0."""

    kind = "refused"
    exit_status = 6


class NotConnected(Error, ConnectionError):
    """There is no FTP connection: never opened, lost, or FTPOPEN's outcome was 0."""

    kind = "not_connected"
    exit_status = 7


class Busy(Error):
    """Another operation held the modem until this call's deadline."""

    kind = "busy"
    exit_status = 8


class TransferError(Error):
    """A transfer started and did not end whole; ``transferred`` and ``left_behind`` say more."""

    kind = "transfer"
    exit_status = 9


class LocalFileError(Error, OSError):
    """A local file could not be read or written; ``errno`` is the system's number.

    Where the system has a class of its own for it, such as FileNotFoundError, it is that, too.
    """

    kind = "local_file"
    exit_status = 10

    def __reduce__(self) -> tuple[Any, ...]:
        # OSError alone forgets a number that was set behind its making.
        details = (self.code, self.text, self.transferred, self.left_behind, self.errno)
        return make, (self.kind, str(self), *details)


class LocalFileNotFoundError(LocalFileError, FileNotFoundError):
    """A local file that is not there."""


class LocalPermissionError(LocalFileError, PermissionError):
    """A local file that the program may not read or write."""


class LocalIsADirectoryError(LocalFileError, IsADirectoryError):
    """A local path that is a folder."""


class Closed(Error, ValueError):
    """The modem, the connection or the file was closed, or belongs to another process."""

    kind = "closed"
    exit_status = 11


class WouldDeadlock(Error, RuntimeError):
    """Waiting inside a callback would wait for itself."""

    kind = "would_deadlock"
    exit_status = 12


class Panic(Error, RuntimeError):
    """A bug of the library was stopped; the modem's object is of no more use."""

    kind = "panic"
    exit_status = 13


class Cancelled(Error):
    """The operation was cancelled."""

    kind = "cancelled"
    exit_status = 130


#: What a local file's error is by the system's number.
LOCAL_FILE_ERRORS: dict[int, type[LocalFileError]] = {
    errno.ENOENT: LocalFileNotFoundError,
    errno.EACCES: LocalPermissionError,
    errno.EPERM: LocalPermissionError,
    errno.EISDIR: LocalIsADirectoryError,
}

#: The class of each kind.
CLASSES: dict[str, type[Error]] = {
    one.kind: one
    for one in (
        InvalidArgument,
        PortLost,
        Timeout,
        CommandError,
        Refused,
        NotConnected,
        Busy,
        TransferError,
        LocalFileError,
        Closed,
        WouldDeadlock,
        Panic,
        Cancelled,
    )
}


def make(
    kind: str,
    message: str,
    code: int | None,
    text: str | None,
    transferred: int | None,
    left_behind: str | None,
    number: int | None,
) -> Error:
    """An exception of this kind, with the system's error number; for the native module."""
    found = CLASSES.get(kind, Error)
    if found is LocalFileError and number is not None:
        found = LOCAL_FILE_ERRORS.get(number, found)
    error = found(message)
    error.code = code
    error.text = text
    error.transferred = transferred
    error.left_behind = left_behind
    if isinstance(error, OSError) and number is not None:
        # Without strerror, str() stays the sentence.
        error.errno = number
    return error
