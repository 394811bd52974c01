"""Checks of arguments, before anything is started; and what they are for the native module."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any, Protocol, TypedDict, runtime_checkable

from ._errors import InvalidArgument
from ._types import Dialect


@runtime_checkable
class Readable(Protocol):
    """A binary file object to read from."""

    def read(self, size: int, /) -> bytes | None: ...


@runtime_checkable
class Writable(Protocol):
    """A binary file object to write to."""

    def write(self, data: bytes, /) -> int | None: ...


@runtime_checkable
class HasUpdate(Protocol):
    """A progress bar such as tqdm's."""

    def update(self, n: int, /) -> object: ...


Source = str | os.PathLike[str] | Readable | bytes | bytearray | memoryview
Sink = str | os.PathLike[str] | Writable | bytearray | memoryview
Progress = Callable[[int, int | None], object] | HasUpdate


class Options(TypedDict):
    """The options of a transfer, as the native module reads them."""

    via: str
    type: str
    offset: int
    resume: bool
    retry: int
    retry_delay: float
    retry_max_time: float | None
    temporary: bool
    verify: str
    deadline: float | None
    progress: Callable[[int, int | None], object] | None


def octets(what: str, given: str | bytes) -> bytes:
    """A name or another text as octets: UTF-8, and surrogates as the octets that they stand for."""
    if isinstance(given, str):
        try:
            return given.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise InvalidArgument(
                f"{what} has a surrogate that stands for no octet at index {error.start}: "
                "give it as bytes"
            ) from None
    if isinstance(given, bytes):
        return given
    raise TypeError(f"{what} has to be str or bytes, not {type(given).__name__}")


def optional_octets(what: str, given: str | bytes | None) -> bytes | None:
    """The same for what may be left out."""
    return None if given is None else octets(what, given)


def text(octets: bytes) -> str:
    """Octets of the server's as text that can be given back."""
    return octets.decode("utf-8", "surrogateescape")


def string(what: str, given: str) -> str:
    """A text that has to be one."""
    if not isinstance(given, str):
        raise TypeError(f"{what} has to be str, not {type(given).__name__}")
    try:
        given.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidArgument(f"{what} has a surrogate at index {error.start}") from None
    return given


def number(what: str, given: int, least: int, most: int) -> int:
    """A whole number in a range."""
    if isinstance(given, bool) or not hasattr(given, "__index__"):
        raise TypeError(f"{what} has to be int, not {type(given).__name__}")
    value = given.__index__()
    if not least <= value <= most:
        raise InvalidArgument(f"{what} has to be from {least} to {most}, not {value}")
    return value


def seconds(what: str, given: float) -> float:
    """A time limit."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError(f"{what} has to be a number of seconds, not {type(given).__name__}")
    return float(given)


def optional_seconds(what: str, given: float | None) -> float | None:
    """The same for what may be left out."""
    return None if given is None else seconds(what, given)


def flag(what: str, given: bool) -> bool:
    """A truth value, and nothing that only looks like one."""
    if not isinstance(given, bool):
        raise TypeError(f"{what} has to be True or False, not {type(given).__name__}")
    return given


def word(what: str, given: str) -> str:
    """One of some words; which there are, the native module knows."""
    if not isinstance(given, str):
        raise TypeError(f"{what} has to be str, not {type(given).__name__}")
    return given


def callback(what: str, given: Callable[..., object] | None) -> Callable[..., object] | None:
    """A callable, or None."""
    if given is not None and not callable(given):
        raise TypeError(f"{what} has to be callable or None, not {type(given).__name__}")
    return given


def dialect(given: Dialect | str | None) -> Dialect:
    """A dialect, or its pairs as the command line has them: ``tls-field=seventh``."""
    if given is None:
        return Dialect()
    if isinstance(given, Dialect):
        return given
    if not isinstance(given, str):
        raise TypeError(f"dialect has to be Dialect, str or None, not {type(given).__name__}")
    values: dict[str, Any] = {}
    for pair in given.split(","):
        name, equals, value = (part.strip() for part in pair.partition("="))
        field = name.replace("-", "_")
        if not equals or field not in Dialect.__dataclass_fields__:
            raise InvalidArgument(
                f"dialect {pair!r} is none: use tls-field=eighth, tls-field=seventh, "
                "port-field=sixth, port-field=fifth"
            )
        if field in values:
            raise InvalidArgument(f"dialect has {name} twice")
        values[field] = value
    return Dialect(**values)


def options(
    via: str,
    type: str,
    offset: int,
    resume: bool,
    verify: str,
    deadline: float | None,
    progress: Progress | None,
    temporary: bool = False,
    retry: int = 0,
    retry_delay: float = 1.0,
    retry_max_time: float | None = None,
) -> Options:
    """The options of a transfer."""
    return {
        "via": word("via", via),
        "type": word("type", type),
        "offset": number("offset", offset, 0, 2**64 - 1),
        "resume": flag("resume", resume),
        "retry": number("retry", retry, 0, 2**32 - 1),
        "retry_delay": seconds("retry_delay", retry_delay),
        "retry_max_time": optional_seconds("retry_max_time", retry_max_time),
        "temporary": flag("temporary", temporary),
        "verify": word("verify", verify),
        "deadline": optional_seconds("deadline", deadline),
        "progress": progress_callback(progress),
    }


def progress_callback(given: Progress | None) -> Callable[[int, int | None], object] | None:
    """What is called with bytes done and bytes in all; progress bars are told what came since."""
    if given is None:
        return None
    if isinstance(given, HasUpdate):
        bar = given
        told = 0

        def update(done: int, total: int | None) -> None:
            nonlocal told
            if total is not None and getattr(bar, "total", total) is None:
                bar.total = total  # type: ignore[attr-defined]
            bar.update(done - told)
            told = done

        return update
    if callable(given):
        return given
    raise TypeError(
        f"progress has to be callable or have update(), not {builtin_name(given)}",
    )


def builtin_name(given: object) -> str:
    """The name of an object's type."""
    return type(given).__name__


def source(given: Source) -> tuple[str, object, int | None, bool]:
    """What kind of source it is; of a file its size, where that can be known, and if it seeks."""
    if isinstance(given, str | os.PathLike):
        return "path", path("source", given), None, False
    if isinstance(given, bytes):
        return "bytes", given, None, False
    if isinstance(given, io.TextIOBase):
        raise TypeError("source is a text file: open it in binary mode, with 'rb'")
    if hasattr(given, "read"):
        check_open("source", given)
        if _says("readable", given) is False:
            raise InvalidArgument("source is a file that is not open for reading")
        return "file", given, *_extent(given)
    return "buffer", view("source", given), None, False


def sink(given: Sink) -> tuple[str, object]:
    """What kind of sink it is."""
    if isinstance(given, str | os.PathLike):
        return "path", path("sink", given)
    if isinstance(given, bytearray):
        return "file", Appending(given)
    if isinstance(given, io.TextIOBase):
        raise TypeError("sink is a text file: open it in binary mode, with 'wb'")
    if hasattr(given, "write"):
        check_open("sink", given)
        if _says("writable", given) is False:
            raise InvalidArgument("sink is a file that is not open for writing")
        return ("raw" if isinstance(given, io.RawIOBase) else "file"), given
    found = view("sink", given)
    if found.readonly:
        raise TypeError(f"sink is a read-only buffer, {builtin_name(given)}: give a writable one")
    return "buffer", found


class Appending:
    """A bytearray that grows by what is written."""

    def __init__(self, array: bytearray) -> None:
        self.array = array

    def write(self, data: bytes) -> int:
        """Appends them."""
        self.array += data
        return len(data)


def path(what: str, given: str | os.PathLike[str]) -> str:
    """A path that the system can have."""
    found = os.fspath(given)
    if not isinstance(found, str):
        raise TypeError(f"{what} has to be a path of str, not of {builtin_name(found)}")
    if not found:
        raise InvalidArgument(f"{what} is an empty path")
    if "\0" in found:
        raise InvalidArgument(f"{what} is a path with a NUL in it: {found!r}")
    return found


def view(what: str, given: object) -> memoryview:
    """The octets of an object with the buffer protocol, as they lie in memory."""
    try:
        found = memoryview(given)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(
            f"{what} has to be a path, a binary file object or a buffer, not {builtin_name(given)}"
        ) from None
    if not found.c_contiguous:
        raise InvalidArgument(f"{what} is a buffer that does not lie in memory in one piece")
    return found.cast("B") if found.nbytes else memoryview(bytearray())


def check_open(what: str, given: object) -> None:
    """A closed file is found out before a byte is sent."""
    if getattr(given, "closed", False) is True:
        raise InvalidArgument(f"{what} is a closed file")


def _says(method: str, given: object) -> bool | None:
    """What readable(), writable() or seekable() says, where there is one."""
    ask = getattr(given, method, None)
    if not callable(ask):
        return None
    return bool(ask())


def _extent(given: Any) -> tuple[int | None, bool]:
    """How many bytes a file still has, where that can be known, and whether it seeks."""
    if _says("seekable", given) is not True:
        return None, False
    try:
        here = given.tell()
        end = given.seek(0, io.SEEK_END)
        given.seek(here)
    except (OSError, AttributeError):
        return None, False
    if not isinstance(end, int) or not isinstance(here, int):
        return None, False
    return max(0, end - here), True
