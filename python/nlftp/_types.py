"""What calls give and take."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Literal

Via = Literal["auto", "stream", "block"]
Type = Literal["binary", "ascii"]
Verify = Literal["size", "readback", "none"]
Flow = Literal["rtscts", "xonxoff", "none"]
State = Literal["closed", "opening", "ready", "connected", "recovering", "lost"]
Kind = Literal["file", "directory", "link", "other", "unknown"]


@dataclass(frozen=True)
class Dialect:
    """What cannot be found out about a firmware without risk; the default is the manual's syntax.

    Attributes:
        tls_field: where FTPOPEN carries the TLS flag: ``"eighth"`` as in the syntax of manual
            1.2.1, or ``"seventh"`` as its example has it. The wrong one may send a password in
            clear text, so that it is never tried out.
        port_field: where FTPOPEN carries the server's port when TLS is off: ``"sixth"`` or
            ``"fifth"``.
    """

    tls_field: Literal["eighth", "seventh"] = "eighth"
    port_field: Literal["sixth", "fifth"] = "sixth"


@dataclass(frozen=True)
class Entry:
    """An entry of a directory's listing.

    Attributes:
        name: its name; octets that are no UTF-8 are surrogates, which go back as they came.
        size: its size in bytes, where the line has one.
        kind: ``"file"``, ``"directory"``, ``"link"``, ``"other"``, or ``"unknown"`` where the line
            does not say; a line of no known form is an entry of unknown kind, named like the line.
        modified: when it was changed last, or None; with a time zone where the form of the listing
            says UTC, else in a zone that the server keeps to itself. Midnight where only the day
            is told.
        raw: the line of the listing.
        target: where a symbolic link leads, if the line tells.
    """

    name: str
    size: int | None
    kind: Kind
    modified: datetime.datetime | None
    raw: str
    target: str | None = None


@dataclass(frozen=True)
class Transfer:
    """A transfer that succeeded.

    Attributes:
        bytes: how many bytes of the file this call moved.
        seconds: how long it took, from the first command to the last check.
        via: the way taken, ``"stream"`` or ``"block"``.
        verified: what the result rests on: ``"size"``, ``"readback"``, or False where nothing
            could be, or was asked to be, checked.
        resumed_from: where in the file a transfer that resumes went on; 0 from the start.
        warnings: what the caller should know, in sentences.
    """

    bytes: int
    seconds: float
    via: Literal["stream", "block"]
    verified: Literal["size", "readback", False]
    resumed_from: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ModemInfo:
    """What a modem tells of itself; None where it does not.

    Attributes:
        identification: the lines of ATI.
        manufacturer, model, revision, serial_number: AT+CGMI, CGMM, CGMR (the firmware) and
            CGSN (the IMEI).
        sim: AT+CPIN?: ``"READY"``, what the SIM waits for, or the error without one.
        registration: the number of AT+CEREG? or AT+CREG? (3GPP TS 27.007): 1 is the home network,
            5 is roaming.
        operator, access_technology: AT+COPS?; 7 is LTE.
        signal: AT+CSQ, 0 to 31, 99 is unknown; signal_dbm the same in dBm.
        address: the module's address; None while it is not attached.
        ftp_connected: whether an FTP connection is open (AT+FTPOPEN?).
    """

    identification: list[str]
    manufacturer: str | None
    model: str | None
    revision: str | None
    serial_number: str | None
    sim: str | None
    registration: int | None
    operator: str | None
    access_technology: int | None
    signal: int | None
    signal_dbm: int | None
    address: str | None
    ftp_connected: bool | None
