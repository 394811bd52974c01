"""Every call that starts an operation: its arguments, checked, and what its result is made into.

Both :class:`nlftp.Modem` and :class:`nlftp.aio.Modem` are built on these: one waits, the other
awaits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import _arguments as arguments
from . import _nlftp, _results
from ._types import Entry, ModemInfo, Transfer

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """A call that is ready to be started."""

    start: Callable[[], _nlftp.Operation]
    make: Callable[[Any], T]


def modem_settings(
    baudrate: int,
    flow: str,
    timeout: float,
    outcome_timeout: float,
    stall_timeout: float,
    port_timeout: float,
    deadline: float | None,
    dialect: Any,
    trace: Any,
) -> _nlftp.Settings:
    """What a modem is opened with."""
    fields = arguments.dialect(dialect)
    return {
        "baudrate": arguments.number("baudrate", baudrate, 1, 2**32 - 1),
        "flow": arguments.word("flow", flow),
        "timeout": arguments.seconds("timeout", timeout),
        "outcome_timeout": arguments.seconds("outcome_timeout", outcome_timeout),
        "stall_timeout": arguments.seconds("stall_timeout", stall_timeout),
        "port_timeout": arguments.seconds("port_timeout", port_timeout),
        "deadline": arguments.optional_seconds("deadline", deadline),
        "trace": None if trace is None else arguments.path("trace", trace),
        "tls_field": arguments.word("dialect.tls_field", fields.tls_field),
        "port_field": arguments.word("dialect.port_field", fields.port_field),
    }


# -- the modem ------------------------------------------------------------------------------------


def open_port(modem: _nlftp.Modem) -> Call[None]:
    return Call(modem.start_open, _results.nothing)


def close_port(modem: _nlftp.Modem) -> Call[None]:
    return Call(modem.start_close, _results.nothing)


def command(modem: _nlftp.Modem, line: str | bytes) -> Call[list[str]]:
    sent = arguments.octets("line", line)
    return Call(lambda: modem.start_command(sent), _results.same)


def attach(modem: _nlftp.Modem, apn: str, user: str | None, password: str | bytes) -> Call[str]:
    name = arguments.string("apn", apn)
    who = None if user is None else arguments.string("user", user)
    secret = arguments.octets("password", password)
    return Call(lambda: modem.start_attach(name, who, secret), _results.same)


def detach(modem: _nlftp.Modem) -> Call[None]:
    return Call(modem.start_detach, _results.nothing)


def info(modem: _nlftp.Modem) -> Call[ModemInfo]:
    return Call(modem.start_info, _results.info)


def set_ftp_limit(modem: _nlftp.Modem, period: int) -> Call[None]:
    value = arguments.number("period", period, 0, 2**32 - 1)
    return Call(lambda: modem.start_set_ftp_limit(value), _results.nothing)


def login(
    modem: _nlftp.Modem,
    host: str,
    user: str | bytes,
    password: str | bytes,
    port: int | None,
    tls: bool,
    account: str | bytes | None,
    passive: bool,
    source_control_port: int,
    source_data_port: int,
) -> Call[None]:
    given: _nlftp.Login = {
        "host": arguments.string("host", host),
        "user": arguments.octets("user", user),
        "password": arguments.octets("password", password),
        "port": None if port is None else arguments.number("port", port, 0, 65535),
        "tls": arguments.flag("tls", tls),
        "account": arguments.optional_octets("account", account),
        "passive": arguments.flag("passive", passive),
        "source_control_port": arguments.number(
            "source_control_port", source_control_port, 0, 65535
        ),
        "source_data_port": arguments.number("source_data_port", source_data_port, 0, 65535),
    }
    return Call(lambda: modem.start_ftp(given), _results.nothing)


# -- the FTP connection ---------------------------------------------------------------------------


def put(
    ftp: _nlftp.Ftp, source: arguments.Source, name: str | bytes, options: arguments.Options
) -> Call[Transfer]:
    remote = arguments.octets("name", name)
    kind, object, size, seekable = arguments.source(source)
    return Call(
        lambda: ftp.start_put(remote, kind, object, size, seekable, options), _results.transfer
    )


def get(
    ftp: _nlftp.Ftp, name: str | bytes, sink: arguments.Sink, options: arguments.Options
) -> Call[Transfer]:
    remote = arguments.octets("name", name)
    kind, object = arguments.sink(sink)
    return Call(lambda: ftp.start_get(remote, kind, object, options), _results.transfer)


def cwd(ftp: _nlftp.Ftp, directory: str | bytes) -> Call[None]:
    name = arguments.octets("directory", directory)
    return Call(lambda: ftp.start_cwd(name), _results.nothing)


def cdup(ftp: _nlftp.Ftp) -> Call[None]:
    return Call(ftp.start_cdup, _results.nothing)


def pwd(ftp: _nlftp.Ftp) -> Call[str]:
    return Call(ftp.start_pwd, _results.octet_text)


def mkd(ftp: _nlftp.Ftp, directory: str | bytes) -> Call[None]:
    name = arguments.octets("directory", directory)
    return Call(lambda: ftp.start_mkd(name), _results.nothing)


def rmd(ftp: _nlftp.Ftp, directory: str | bytes) -> Call[None]:
    name = arguments.octets("directory", directory)
    return Call(lambda: ftp.start_rmd(name), _results.nothing)


def delete(ftp: _nlftp.Ftp, name: str | bytes) -> Call[None]:
    remote = arguments.octets("name", name)
    return Call(lambda: ftp.start_delete(remote), _results.nothing)


def rename(ftp: _nlftp.Ftp, old: str | bytes, new: str | bytes) -> Call[None]:
    before, after = arguments.octets("old", old), arguments.octets("new", new)
    return Call(lambda: ftp.start_rename(before, after), _results.nothing)


def list_(ftp: _nlftp.Ftp, path: str | bytes | None) -> Call[list[Entry]]:
    name = arguments.optional_octets("path", path)
    return Call(lambda: ftp.start_list(name), _results.entries)


def stat(ftp: _nlftp.Ftp, path: str | bytes | None) -> Call[list[str]]:
    name = arguments.optional_octets("path", path)
    return Call(lambda: ftp.start_stat(name), _results.octet_lines)


def syst(ftp: _nlftp.Ftp) -> Call[str]:
    return Call(ftp.start_syst, _results.same)


def noop(ftp: _nlftp.Ftp) -> Call[None]:
    return Call(ftp.start_noop, _results.nothing)


def is_connected(ftp: _nlftp.Ftp) -> Call[bool]:
    return Call(ftp.start_is_connected, _results.same)


def on_info(ftp: _nlftp.Ftp, callback: Callable[[str], object] | None) -> Call[None]:
    checked = arguments.callback("callback", callback)
    return Call(lambda: ftp.start_on_info(checked), _results.nothing)


def logout(ftp: _nlftp.Ftp) -> Call[None]:
    return Call(ftp.start_close, _results.nothing)
