"""Makes the package's classes of what the native module gives."""

from __future__ import annotations

import datetime
from typing import Any, cast

from . import _nlftp
from ._arguments import octets, text
from ._types import Entry, ModemInfo, Transfer


def parse_listing(listing: str | bytes) -> list[Entry]:
    """Make entries of a listing's text, in whichever form: ls -l, DOS, EPLF, or MLSD (RFC 3659).

    Lines of another form are entries of kind ``"unknown"``, named like the line. Blank lines,
    ``total 8``, ``.`` and ``..`` stand for nothing.
    """
    return entries(_nlftp.parse_listing(octets("listing", listing)))


def transfer(values: Any) -> Transfer:
    """The result of an upload or a download."""
    count, seconds, via, verified, resumed_from, warnings = values
    return Transfer(count, seconds, via, verified or False, resumed_from, warnings)


def entries(values: Any) -> list[Entry]:
    """A listing."""
    return [entry(*one) for one in values]


def entry(
    name: bytes,
    size: int | None,
    kind: Any,
    modified: tuple[int, int, int, int, int, int, bool] | None,
    target: bytes | None,
    raw: bytes,
) -> Entry:
    """One entry of a listing."""
    return Entry(
        name=text(name),
        size=size,
        kind=kind,
        modified=None if modified is None else time(*modified),
        raw=text(raw),
        target=None if target is None else text(target),
    )


def time(
    year: int | None, month: int, day: int, hour: int, minute: int, second: int, utc: bool
) -> datetime.datetime | None:
    """A time, unless no calendar has it."""
    zone = datetime.UTC if utc else None
    try:
        return datetime.datetime(year or 0, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def info(values: Any) -> ModemInfo:
    """Who answers on a port."""
    return ModemInfo(**cast("dict[str, Any]", values))


def octet_text(values: Any) -> str:
    """Octets of the server's."""
    return text(values)


def octet_lines(values: Any) -> list[str]:
    """Lines of octets of the server's."""
    return [text(line) for line in values]


def same(value: Any) -> Any:
    """What needs no class."""
    return value


def nothing(_: Any) -> None:
    """What has no result."""
