"""The errors of nlftp.FTP: each is an exception of nlftp's and one of ftplib's.

Scripts catch the class they know: ``nlftp.Refused`` or ``ftplib.error_perm``, and
``ftplib.all_errors`` for all that a server, a modem or a line can do. The text of those that are
ftplib's begins with a reply code, as it does there: the server's own, where the module tells it
(FTPINFO), and otherwise the one that RFC 959 has for the case.
"""

from __future__ import annotations

import ftplib

from ._errors import (
    Busy,
    Cancelled,
    Closed,
    CommandError,
    Error,
    InvalidArgument,
    NotConnected,
    Refused,
    TransferError,
)


class PermanentRefusal(Refused, ftplib.error_perm):
    """The server refused, for good: a reply of 5xx, or an outcome of 0 without one."""


class TemporaryRefusal(Refused, ftplib.error_temp):
    """The server refused for now: a reply of 4xx."""


class UnexpectedReply(Refused, ftplib.error_reply):
    """The server gave a reply of 1xx, 2xx or 3xx that does not fit the command."""


class ProtocolViolation(NotConnected, ftplib.error_proto):
    """The server sent what is no reply of FTP; the module hangs up at that."""


class LoginRefused(NotConnected, ftplib.error_perm):
    """FTPOPEN's outcome was 0: no connection, or no login; the module does not say which."""


class ConnectionLost(NotConnected, ftplib.error_temp, EOFError):
    """There is no connection: none was opened yet, or it was lost."""


class ModuleError(CommandError, ftplib.error_temp):
    """The module answered ERROR, in any form; ``code`` is its number."""


class ModemBusy(Busy, ftplib.error_temp):
    """The modem has another operation, or another FTP connection is open on it."""


class TransferBroken(TransferError, ftplib.error_temp):
    """A transfer did not end whole."""


class TransferCancelled(Cancelled, ftplib.error_temp):
    """A transfer, or another call, was cancelled: by abort(), or by the modem's cancel()."""


class ModemClosed(Closed, ftplib.error_temp):
    """The modem was closed."""


class ArgumentRefused(InvalidArgument, ftplib.error_perm):
    """A name or another argument was refused before a byte was sent."""


class LineTooLong(TransferError, ftplib.Error):
    """A line of a text is longer than ``maxline``."""

    def __init__(self, maxline: int) -> None:
        super().__init__(f"got more than {maxline} bytes")


class Unsupported(InvalidArgument, ftplib.error_perm, NotImplementedError):
    """What ftplib has and the module has not; the text says what to use instead."""


class NoSocket(Unsupported, AttributeError):
    """An attribute of ``sock`` was asked for, and the module's connections have no socket here."""


#: The class that is ftplib's, too, and the reply code that stands for the case.
_OF_FTPLIB: dict[type[Error], tuple[type[Error], str]] = {
    InvalidArgument: (ArgumentRefused, "501"),
    CommandError: (ModuleError, "451"),
    Refused: (PermanentRefusal, "550"),
    NotConnected: (ConnectionLost, "421"),
    Busy: (ModemBusy, "450"),
    TransferError: (TransferBroken, "426"),
    Cancelled: (TransferCancelled, "426"),
    Closed: (ModemClosed, "421"),
}


def refusal(reply: str) -> Refused | ProtocolViolation:
    """The exception for a reply that does not fit."""
    match reply[:1]:
        case "5":
            return PermanentRefusal(reply)
        case "4":
            return TemporaryRefusal(reply)
        case "1" | "2" | "3":
            return UnexpectedReply(reply)
    return ProtocolViolation(reply)


def of_ftplib(error: Error, reply: str | None = None) -> Error:
    """The same error as an exception of ftplib's, too; ``reply`` is what the server said, if known.

    Errors that ftplib's own clients would get as an OSError or see as a bug stay as they are:
    timeouts, a lost port, local files.
    """
    if isinstance(error, ftplib.Error) or type(error) not in _OF_FTPLIB:
        return error
    kind, code = _OF_FTPLIB[type(error)]
    if reply is not None and isinstance(error, Refused):
        made: Error = refusal(reply)
    elif reply is not None and isinstance(error, NotConnected) and reply[:1] not in set("1235"):
        made = kind(reply) if reply[:1] == "4" else ProtocolViolation(reply)
    else:
        return _with_details_of(error, kind(f"{code} {error}"))
    made.add_note(str(error))
    return _with_details_of(error, made)


def of_login(error: Error) -> Error:
    """The same for an error of FTPOPEN, to which a server says nothing that could be known."""
    if type(error) is NotConnected:
        return _with_details_of(error, LoginRefused(f"530 {error}"))
    return of_ftplib(error)


def _with_details_of(error: Error, made: Error) -> Error:
    made.code = error.code
    made.text = error.text
    made.transferred = error.transferred
    made.left_behind = error.left_behind
    return made
