"""Wrong arguments: an exception with a sentence, nothing sent, and a modem that still works."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Rig

import nlftp
from nlftp.sim import VirtualModem


def closed_file() -> io.BytesIO:
    """A file that was closed."""
    file = io.BytesIO(b"x")
    file.close()
    return file


#: What is called, what it raises, and a part of its sentence.
CALLS: list[tuple[Callable[[nlftp.Ftp, Path], object], type[Exception], str]] = [
    (lambda f, _: f.put(5, "x"), TypeError, "source has to be a path"),  # type: ignore[arg-type]
    (lambda f, _: f.put(None, "x"), TypeError, "not NoneType"),  # type: ignore[arg-type]
    (lambda f, _: f.put(io.StringIO("x"), "x"), TypeError, "binary mode"),  # type: ignore[arg-type]
    (lambda f, _: f.put(closed_file(), "x"), nlftp.InvalidArgument, "closed file"),
    (lambda f, _: f.put("", "x"), nlftp.InvalidArgument, "empty path"),
    (lambda f, _: f.put("a\0b", "x"), nlftp.InvalidArgument, "NUL"),
    (
        lambda f, _: f.put(io.BufferedWriter(io.BytesIO()), "x"),
        nlftp.InvalidArgument,
        "not open for reading",
    ),
    (lambda f, _: f.put(b"", 5), TypeError, "name has to be str or bytes"),  # type: ignore[arg-type]
    (lambda f, _: f.put(b"", ""), nlftp.InvalidArgument, "empty"),
    (lambda f, _: f.put(b"", "a\0b"), nlftp.InvalidArgument, "NUL"),
    (lambda f, _: f.put(b"", 'a"b'), nlftp.InvalidArgument, "quote"),
    (lambda f, _: f.put(b"", "a\r\nAT"), nlftp.InvalidArgument, "carriage return"),
    (lambda f, _: f.put(b"", "é" * 128), nlftp.InvalidArgument, "256 octets"),
    (lambda f, _: f.put(b"", "\ud800"), nlftp.InvalidArgument, "surrogate"),
    (lambda f, _: f.put(b"", "x", offset=-1), nlftp.InvalidArgument, "offset has to be from 0"),
    (lambda f, _: f.put(b"", "x", offset=2**70), nlftp.InvalidArgument, "offset"),
    (lambda f, _: f.put(b"", "x", offset=1.5), TypeError, "offset has to be int"),  # type: ignore[arg-type]
    (lambda f, _: f.put(b"", "x", offset=True), TypeError, "offset has to be int"),
    (lambda f, _: f.put(b"", "x", via="usb"), nlftp.InvalidArgument, "via has to be one of"),  # type: ignore[arg-type]
    (lambda f, _: f.put(b"", "x", type="text"), nlftp.InvalidArgument, "type has to be"),  # type: ignore[arg-type]
    (lambda f, _: f.put(b"", "x", verify=True), TypeError, "verify has to be str"),  # type: ignore[arg-type]
    (lambda f, _: f.put(b"", "x", resume="yes"), TypeError, "resume has to be True"),  # type: ignore[arg-type]
    (lambda f, _: f.put(b"", "x", resume=True, offset=5), nlftp.InvalidArgument, "resume"),
    (lambda f, _: f.put(b"", "x", retry=-1), nlftp.InvalidArgument, "retry has to be from 0"),
    (lambda f, _: f.put(b"", "x", retry_delay=0), nlftp.InvalidArgument, "retry_delay"),
    (lambda f, _: f.put(b"", "x", retry_max_time=-1.0), nlftp.InvalidArgument, "retry_max_time"),
    (lambda f, _: f.put(b"", "x", retry=1, offset=5), nlftp.InvalidArgument, "offset"),
    (lambda f, _: f.get("x", bytearray(), retry=1), nlftp.InvalidArgument, "cannot be resumed"),
    (lambda f, _: f.put(b"", "x", temporary=1), TypeError, "temporary has to be True"),  # type: ignore[arg-type]
    (lambda f, _: f.put(b"", "x", temporary=True, offset=5), nlftp.InvalidArgument, "no offset"),
    (lambda f, _: f.put(b"", "x" * 245, temporary=True), nlftp.InvalidArgument, "too long"),
    (lambda f, _: f.put(b"", "x", deadline=0), nlftp.InvalidArgument, "deadline"),
    (lambda f, _: f.put(b"", "x", deadline=float("nan")), nlftp.InvalidArgument, "deadline"),
    (lambda f, _: f.put(b"", "x", deadline="5"), TypeError, "deadline"),  # type: ignore[arg-type]
    (lambda f, _: f.put(b"", "x", progress=5), TypeError, "progress has to be callable"),  # type: ignore[arg-type]
    (lambda f, _: f.get("x", 5), TypeError, "sink has to be a path"),  # type: ignore[arg-type]
    (lambda f, _: f.get("x", b"no"), TypeError, "read-only buffer"),  # type: ignore[arg-type]
    (lambda f, _: f.get("x", io.StringIO()), TypeError, "binary mode"),  # type: ignore[arg-type]
    (lambda f, _: f.get("x", closed_file()), nlftp.InvalidArgument, "closed file"),
    (
        lambda f, _: f.get("x", io.BufferedReader(io.BytesIO())),
        nlftp.InvalidArgument,
        "for writing",
    ),
    (lambda f, _: f.get("x", memoryview(bytearray(8))[::2]), nlftp.InvalidArgument, "one piece"),
    (lambda f, _: f.cwd(None), TypeError, "directory has to be str"),  # type: ignore[arg-type]
    (lambda f, _: f.rename("a", ""), nlftp.InvalidArgument, "empty"),
    (lambda f, _: f.list(5), TypeError, "path has to be"),  # type: ignore[arg-type]
    (lambda f, _: f.on_info(5), TypeError, "callback has to be callable"),  # type: ignore[arg-type]
    (lambda f, _: f.modem.on_urc("x"), TypeError, "callback has to be callable"),  # type: ignore[arg-type]
    (lambda f, _: f.modem.command(5), TypeError, "line has to be"),  # type: ignore[arg-type]
    (lambda f, _: f.modem.attach(5), TypeError, "apn has to be str"),  # type: ignore[arg-type]
    (lambda f, _: f.modem.ftp("h\0", "u", "p"), nlftp.InvalidArgument, "NUL"),
    (lambda f, _: f.modem.ftp("h", "u", "p", port=65536), nlftp.InvalidArgument, "65535"),
    (lambda f, _: f.modem.ftp("h", "u", "p", tls=1), TypeError, "tls has to be True"),  # type: ignore[arg-type]
    (lambda f, _: f.modem.set_ftp_limit(2000), nlftp.InvalidArgument, "1000"),
    (lambda f, _: f.open_read(5), TypeError, "name has to be"),  # type: ignore[arg-type]
    (lambda f, _: f.open_write("x", offset=-5), nlftp.InvalidArgument, "offset"),
]


def test_wrong_arguments(rig: Rig, ftp: nlftp.Ftp, tmp_path: Path) -> None:
    before = len(rig.sim.commands)
    for number, (call, kind, sentence) in enumerate(CALLS):
        with pytest.raises(kind) as raised:
            call(ftp, tmp_path)
        assert sentence in str(raised.value), number
        if isinstance(raised.value, nlftp.InvalidArgument):
            assert isinstance(raised.value, ValueError)
    assert len(rig.sim.commands) == before, "nothing was sent"
    assert ftp.pwd() == "/"


#: Settings that no modem can be opened with.
SETTINGS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"baudrate": 0}, nlftp.InvalidArgument, "baudrate"),
    ({"baudrate": "fast"}, TypeError, "baudrate has to be int"),
    ({"flow": "both"}, nlftp.InvalidArgument, "flow has to be one of"),
    ({"timeout": 0}, nlftp.InvalidArgument, "timeout"),
    ({"timeout": -1}, nlftp.InvalidArgument, "timeout"),
    ({"timeout": None}, TypeError, "timeout"),
    ({"deadline": float("inf")}, nlftp.InvalidArgument, "deadline"),
    ({"dialect": "tls-field=ninth"}, nlftp.InvalidArgument, "tls_field"),
    ({"dialect": "colour=red"}, nlftp.InvalidArgument, "tls-field=eighth"),
    ({"dialect": 5}, TypeError, "dialect"),
    ({"trace": 5}, TypeError, "str"),
]


@pytest.mark.parametrize(("settings", "kind", "sentence"), SETTINGS)
def test_wrong_settings(
    sim: VirtualModem, settings: dict[str, Any], kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        nlftp.Modem(sim.port, **settings)
    for port in (5, None, b"/dev/x"):
        with pytest.raises(TypeError):
            nlftp.Modem(port)  # type: ignore[arg-type]
    assert not sim.commands
