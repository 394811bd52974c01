"""The facts of RFC 3659 (MLSD) as far as an entry of a listing has them."""

from __future__ import annotations

import datetime

from ._types import Entry

#: The fact "type" of each kind; what is unknown has none.
_TYPES = {"file": "file", "directory": "dir", "link": "OS.unix=slink", "other": "OS.unix=special"}


def facts_of(entry: Entry) -> dict[str, str]:
    """The facts type, size and modify, as far as they are known."""
    facts: dict[str, str] = {}
    if entry.kind in _TYPES:
        facts["type"] = _TYPES[entry.kind]
    if entry.kind == "link" and entry.target is not None:
        facts["type"] += f":{entry.target}"
    if entry.kind == "file" and entry.size is not None:
        facts["size"] = str(entry.size)
    if entry.modified is not None:
        facts["modify"] = _time(entry.modified)
    return facts


def line_of(entry: Entry) -> str:
    """The entry as a line of MLSD."""
    facts = "".join(f"{fact}={value};" for fact, value in facts_of(entry).items())
    return f"{facts} {entry.name}"


def _time(modified: datetime.datetime) -> str:
    if modified.tzinfo is not None:
        modified = modified.astimezone(datetime.UTC)
    return modified.strftime("%Y%m%d%H%M%S")
