"""Moves files over FTP through a Fibocom NL668 or NL661 cellular module.

The module holds the network connections; this package drives it with AT commands on a serial
port::

    import nlftp

    with nlftp.Modem("/dev/ttyUSB2") as modem:
        modem.attach("CTNET")
        with modem.ftp("ftp.example.com", "user", "secret") as ftp:
            ftp.put("report.csv", "report.csv")
            ftp.get("config.json", "config.json")

put and get return only when the whole file has arrived and was checked; otherwise they raise an
:class:`Error` that says why. :mod:`nlftp.aio` has the same for asyncio, :class:`FTP` the interface
of :class:`ftplib.FTP`, :mod:`nlftp.sim` a virtual modem for tests without hardware.
"""

from ._errors import (
    Busy,
    Cancelled,
    Closed,
    CommandError,
    Error,
    InvalidArgument,
    LocalFileError,
    NotConnected,
    Panic,
    PortLost,
    Refused,
    Timeout,
    TransferError,
    WouldDeadlock,
)
from ._files import ReadFile, WriteFile
from ._ftp import Ftp
from ._ftplib import FTP, FTP_TLS
from ._modem import Modem
from ._nlftp import __version__
from ._results import parse_listing
from ._types import Dialect, Entry, ModemInfo, Transfer

__all__ = [
    "FTP",
    "FTP_TLS",
    "Busy",
    "Cancelled",
    "Closed",
    "CommandError",
    "Dialect",
    "Entry",
    "Error",
    "Ftp",
    "InvalidArgument",
    "LocalFileError",
    "Modem",
    "ModemInfo",
    "NotConnected",
    "Panic",
    "PortLost",
    "ReadFile",
    "Refused",
    "Timeout",
    "Transfer",
    "TransferError",
    "WouldDeadlock",
    "WriteFile",
    "__version__",
    "parse_listing",
]
