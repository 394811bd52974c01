"""Files and listings through nlftp.FTP."""

from __future__ import annotations

import datetime
import ftplib
import io
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from ftplib_fixtures import ftp, modem, sent, sim

import nlftp
from nlftp import FTP
from nlftp._ftplib_facts import facts_of, line_of
from nlftp._ftplib_streams import Lines
from nlftp._types import Entry
from nlftp.sim import VirtualModem

__all__ = ["ftp", "modem", "sim"]

#: More than what lies on the way between the ends, with both bytes that are stuffed.
BIG = random.Random(5).randbytes(300_000)


# -- downloads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocksize", [1, 100, 8192, 1_000_000])
def test_blocks_are_no_longer_than_asked_for(ftp: FTP, sim: VirtualModem, blocksize: int) -> None:
    data = BIG[: 3000 if blocksize == 1 else None]
    (sim.root / "big").write_bytes(data)
    blocks: list[bytes] = []
    assert ftp.retrbinary("RETR big", blocks.append, blocksize).startswith("226 ")
    assert b"".join(blocks) == data
    assert all(1 <= len(block) <= blocksize for block in blocks)
    assert ftp.lastresp == "226"


@pytest.mark.parametrize("via", ["stream", "block"])
def test_each_way(ftp: FTP, via: Any) -> None:
    ftp.via = via
    assert ftp.storbinary("STOR a", io.BytesIO(BIG)).endswith(f"by {via}")
    blocks: list[bytes] = []
    assert ftp.retrbinary("RETR a", blocks.append).endswith(f"by {via}")
    assert b"".join(blocks) == BIG


@pytest.mark.parametrize("rest", [0, 10, "10", 4999, 5000, None])
def test_rest_of_a_download(ftp: FTP, sim: VirtualModem, rest: Any) -> None:
    (sim.root / "a").write_bytes(BIG[:5000])
    blocks: list[bytes] = []
    ftp.retrbinary("RETR a", blocks.append, rest=rest)
    assert b"".join(blocks) == BIG[int(rest or 0) : 5000]


@pytest.mark.parametrize("rest", ["x", -1, "1.5", 2**40])
def test_a_rest_that_is_no_position(ftp: FTP, sim: VirtualModem, rest: Any) -> None:
    (sim.root / "a").write_bytes(b"12345")
    calls: list[Callable[[], object]] = [
        lambda: ftp.retrbinary("RETR a", print, rest=rest),
        lambda: ftp.storbinary("STOR a", io.BytesIO(b"x"), rest=rest),
    ]
    for call in calls:
        with pytest.raises(ftplib.error_perm, match=r"^501 ") as caught:
            call()
        assert isinstance(caught.value, nlftp.InvalidArgument)
    assert (sim.root / "a").read_bytes() == b"12345"


@pytest.mark.parametrize("blocksize", [0, -1])
def test_a_blocksize_that_is_none(ftp: FTP, blocksize: int) -> None:
    with pytest.raises(ValueError, match="blocksize"):
        ftp.retrbinary("RETR a", print, blocksize)
    with pytest.raises(ValueError, match="blocksize"):
        ftp.storbinary("STOR a", io.BytesIO(b"x"), blocksize)


def test_an_empty_file(ftp: FTP, sim: VirtualModem) -> None:
    ftp.storbinary("STOR empty", io.BytesIO())
    assert (sim.root / "empty").read_bytes() == b""
    ftp.retrbinary("RETR empty", never)
    ftp.retrlines("RETR empty", never)


def never(_: object) -> None:
    """A callback for what does not come."""
    pytest.fail("the callback was called")


class Mine(Exception):
    """What a program's own code raises."""


def fail(*_: object) -> None:
    """A callback that raises."""
    raise Mine


@pytest.mark.parametrize(
    "call",
    [
        lambda ftp: ftp.retrbinary("RETR big", fail),
        lambda ftp: ftp.retrlines("RETR big", fail),
        lambda ftp: ftp.storbinary("STOR new", io.BytesIO(BIG), callback=fail),
        lambda ftp: ftp.storlines("STOR new", io.BytesIO(b"line\n" * 50_000), callback=fail),
        lambda ftp: ftp.dir(fail),
    ],
)
def test_what_a_callback_raises_comes_out(
    ftp: FTP, sim: VirtualModem, call: Callable[[FTP], object]
) -> None:
    (sim.root / "big").write_bytes(b"line\r\n" * 50_000)
    with pytest.raises(Mine):
        call(ftp)
    assert ftp.nlst() == ["big"], "what was begun is deleted"
    assert ftp.pwd() == "/"


def test_what_a_callback_raises_is_not_changed(ftp: FTP, sim: VirtualModem) -> None:
    (sim.root / "a").write_bytes(BIG)
    own = nlftp.Refused("the program's own")

    def refuse(_: bytes) -> None:
        raise own

    with pytest.raises(nlftp.Refused) as caught:
        ftp.retrbinary("RETR a", refuse)
    assert caught.value is own
    with pytest.raises(nlftp.WouldDeadlock):
        ftp.retrbinary("RETR a", lambda _: ftp.pwd())


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"one\ntwo", ["one", "two"]),
        (b"one\rtwo\r", ["one", "two"]),
        (b"\r\n\r\n", ["", ""]),
        ("gr\u00fc\u00df\r\n\u20ac".encode(), ["gr\u00fc\u00df", "\u20ac"]),
        (b"x" * 8191 + b"\r\n", ["x" * 8191]),
        (b"x" * 8192, ["x" * 8192]),
    ],
)
def test_lines_however_they_are_cut(content: bytes, lines: list[str]) -> None:
    step = max(1, len(content) // 40)
    for cut in range(0, len(content) + 1, step):
        got: list[str] = []
        sink = Lines(got.append, "utf-8", 8192)
        sink.write(content[:cut])
        sink.write(content[cut:])
        sink.finish()
        assert got == lines


@pytest.mark.parametrize("content", [b"x" * 8192 + b"\r\n", b"x" * 8193, b"ok\n" + b"x" * 20_000])
def test_lines_that_are_too_long(ftp: FTP, sim: VirtualModem, content: bytes) -> None:
    (sim.root / "long").write_bytes(content)
    with pytest.raises(ftplib.Error, match=r"^got more than 8192 bytes$") as caught:
        ftp.retrlines("RETR long", str)
    assert isinstance(caught.value, nlftp.Error)
    with pytest.raises(ftplib.Error, match=r"^got more than 8192 bytes$"):
        ftp.storlines("STOR new", io.BytesIO(content))
    assert ftp.nlst() == ["long"]


def test_texts_in_another_encoding(sim: VirtualModem, modem: nlftp.Modem) -> None:
    (sim.root / "text").write_bytes("sch\u00f6n\n".encode("latin-1"))
    with FTP(modem, "h", sim.user, sim.password, encoding="latin-1") as ftp:
        lines: list[str] = []
        ftp.retrlines("RETR text", lines.append)
        assert lines == ["sch\u00f6n"]
        assert ftp.mkd("h\u00f6fe") == "/h\u00f6fe"
        ftp.cwd("h\u00f6fe")
        assert ftp.pwd() == "/h\u00f6fe"
        ftp.cwd("..")
        ftp.storbinary("STOR \u00e4", io.BytesIO(b"123"))
        assert ftp.size("\u00e4") == 3
        assert sorted(ftp.nlst()) == ["h\u00f6fe", "text", "\u00e4"]
        assert dict(ftp.mlsd())["\u00e4"]["size"] == "3"
        with pytest.raises(UnicodeEncodeError):
            ftp.cwd("\u20ac")
        ftp.encoding = "utf-8"
        with pytest.raises(UnicodeDecodeError):
            ftp.nlst()
        with pytest.raises(UnicodeDecodeError):
            ftp.retrlines("RETR text", str)
        raw: list[bytes] = []
        ftp.retrbinary("LIST", raw.append)
        assert "h\u00f6fe\r\n".encode("latin-1") in b"".join(raw)


# -- uploads --------------------------------------------------------------------------------------


def test_a_file_is_read_as_it_goes(ftp: FTP, sim: VirtualModem) -> None:
    """Never more than a block is held: each is told before the next is read."""
    events: list[tuple[str, int]] = []

    class Source(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            events.append(("read", len(data)))
            return data

    ftp.storbinary("STOR big", Source(BIG), 5000, lambda block: events.append(("told", len(block))))
    assert (sim.root / "big").read_bytes() == BIG
    assert events == [("read", 5000), ("told", 5000)] * 60 + [("read", 0)]


def test_a_source_that_gives_what_it_has(ftp: FTP, sim: VirtualModem) -> None:
    """Short reads, other buffers than bytes, and a None at the end."""
    pieces = iter([b"one", bytearray(b"two"), memoryview(b"three"), None])

    class Source:
        def read(self, _: int) -> Any:
            return next(pieces)

    told: list[bytes] = []
    ftp.storbinary("STOR a", Source(), callback=told.append)
    assert (sim.root / "a").read_bytes() == b"onetwothree"
    assert told == [b"one", b"two", b"three"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (io.StringIO("text"), "open it in binary mode"),
        (io.StringIO("text\n"), "open it in binary mode"),
    ],
)
def test_a_text_file_is_no_source(ftp: FTP, file: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        ftp.storbinary("STOR a", file)
    file.seek(0)
    with pytest.raises(TypeError, match=message):
        ftp.storlines("STOR a", file)
    assert ftp.nlst() == []


def test_a_source_that_gives_no_bytes(ftp: FTP) -> None:
    class Source:
        def read(self, _: int) -> Any:
            return 5

    with pytest.raises(TypeError, match="int where bytes"):
        ftp.storbinary("STOR a", Source())
    assert ftp.nlst() == []


@pytest.mark.parametrize("rest", [3, "3"])
def test_rest_of_an_upload(ftp: FTP, sim: VirtualModem, rest: Any) -> None:
    (sim.root / "a").write_bytes(b"abc")
    file = io.BytesIO(b"before, DEF")
    file.seek(8)
    ftp.storbinary("STOR a", file, rest=rest)
    assert (sim.root / "a").read_bytes() == b"abcDEF"


def test_lines_of_an_upload(ftp: FTP, sim: VirtualModem) -> None:
    told: list[bytes] = []
    ftp.storlines("STOR a", io.BytesIO(b"one\ntwo\r\n\nfour"), told.append)
    assert told == [b"one\r\n", b"two\r\n", b"\r\n", b"four\r\n"]
    # A server on Unix makes its own line ends of a text's.
    assert (sim.root / "a").read_bytes() == b"one\ntwo\n\nfour\n"
    assert sent(sim, "FTPSTOR") == ['AT+FTPSTOR="a",0,0']


def test_transfers_are_checked_unless_told_otherwise(ftp: FTP, sim: VirtualModem) -> None:
    ftp.storbinary("STOR a", io.BytesIO(b"x"))
    assert sent(sim, "FTPLIST") == ['AT+FTPLIST="a"']
    ftp.verify = "none"
    ftp.storbinary("STOR a", io.BytesIO(b"x"))
    ftp.retrbinary("RETR a", str)
    assert sent(sim, "FTPLIST") == ['AT+FTPLIST="a"']
    ftp.verify = "readback"
    ftp.storbinary("STOR a", io.BytesIO(b"x"))
    assert len(sent(sim, "FTPRETR", "FTPGET=")) == 2


@pytest.mark.parametrize("command", ["DELE a", "CWD d", "STOR a", "APPE a", "", "RETRIEVE a"])
def test_only_retr_downloads(ftp: FTP, sim: VirtualModem, command: str) -> None:
    (sim.root / "a").write_bytes(b"1")
    before = len(sim.commands)
    with pytest.raises(ftplib.error_perm, match=r"^502 "):
        ftp.retrbinary(command, never)
    with pytest.raises(ftplib.error_perm, match=r"^502 "):
        ftp.retrlines(command, never)
    assert len(sim.commands) == before
    assert (sim.root / "a").exists()


@pytest.mark.parametrize("command", ["RETR a", "APPE a", "STOU", "LIST", "DELE a"])
def test_only_stor_uploads(ftp: FTP, command: str) -> None:
    with pytest.raises(ftplib.error_perm, match=r"^502 "):
        ftp.storbinary(command, io.BytesIO(b"x"))
    with pytest.raises(ftplib.error_perm, match=r"^502 "):
        ftp.storlines(command, io.BytesIO(b"x"))


def test_a_file_needs_a_name(ftp: FTP) -> None:
    with pytest.raises(ftplib.error_perm, match=r"^501 "):
        ftp.retrbinary("RETR", never)
    with pytest.raises(ftplib.error_perm, match=r"^501 "):
        ftp.storbinary("STOR ", io.BytesIO(b"x"))


def test_active_and_passive(ftp: FTP, sim: VirtualModem) -> None:
    (sim.root / "a").write_bytes(b"12345")
    for passive in (True, False, True, 0, 1):
        ftp.set_pasv(passive)
        assert ftp.passiveserver == passive
        blocks: list[bytes] = []
        ftp.retrbinary("RETR a", blocks.append)
        assert blocks == [b"12345"]
        assert ftp.nlst() == ["a"]
    modes = [line for line in sent(sim, "FTPMODE=") if line != "AT+FTPMODE=0"]
    assert modes, "active mode was asked for"


def test_active_from_the_login_on(sim: VirtualModem, modem: nlftp.Modem) -> None:
    ftp = FTP(modem)
    ftp.set_pasv(False)
    ftp.connect(sim.host, sim.server_port)
    ftp.login(sim.user, sim.password)
    assert ftp.nlst() == []
    assert sent(sim, "FTPMODE=")[0] == "AT+FTPMODE=1"
    ftp.close()


# -- listings -------------------------------------------------------------------------------------


def test_listings(ftp: FTP, sim: VirtualModem, capsys: pytest.CaptureFixture[str]) -> None:
    (sim.root / "d").mkdir()
    (sim.root / "d" / "a b.txt").write_bytes(b"12345")
    ftp.dir()
    (shown,) = capsys.readouterr().out.splitlines()
    assert shown.startswith("d")
    assert shown.endswith(" d")
    lines: list[str] = []
    ftp.dir("d", lines.append)
    assert lines[0].startswith("-")
    assert lines[0].endswith(" a b.txt")
    assert ftp.nlst() == ["d"]
    assert ftp.nlst("d") == ["a b.txt"]
    assert ftp.nlst("d/a b.txt") == ["d/a b.txt"]
    assert ftp.lastresp == "226"
    (entry,) = ftp.mlsd("d")
    assert entry[0] == "a b.txt"
    assert {**entry[1], "modify": ""} == {"type": "file", "size": "5", "modify": ""}
    assert len(entry[1]["modify"]) == 14
    assert list(ftp.mlsd("d", facts=["Size", "perm"])) == [("a b.txt", {"size": "5"})]
    assert [name for name, _ in ftp.mlsd()] == ["d"]


@pytest.mark.parametrize("verb", ["LIST", "NLST", "MLSD", "list"])
def test_a_listing_is_a_text_too(ftp: FTP, sim: VirtualModem, verb: str) -> None:
    (sim.root / "one").write_bytes(b"1")
    (sim.root / "two").write_bytes(b"2")
    lines: list[str] = []
    ftp.retrlines(verb, lines.append)
    assert [line.split(" ")[-1] for line in sorted(lines)] == ["one", "two"]
    blocks: list[bytes] = []
    ftp.retrbinary(f"{verb} /", blocks.append, 7)
    assert b"".join(blocks).decode() == "".join(f"{line}\r\n" for line in lines)
    assert max(len(block) for block in blocks) <= 7


def test_lines_of_a_listing_can_be_too_long(ftp: FTP, sim: VirtualModem) -> None:
    (sim.root / ("x" * 200)).touch()
    ftp.maxline = 200
    with pytest.raises(ftplib.Error, match=r"^got more than 200 bytes$"):
        ftp.nlst()
    ftp.maxline = 201
    assert ftp.nlst() == ["x" * 200]


def test_an_empty_directory(ftp: FTP) -> None:
    assert ftp.nlst() == []
    assert list(ftp.mlsd()) == []
    ftp.dir(never)


def test_sizes(ftp: FTP, sim: VirtualModem) -> None:
    (sim.root / "d").mkdir()
    (sim.root / "d" / "a*b").write_bytes(b"12345")
    (sim.root / "link").symlink_to("d/a*b")
    assert ftp.size("d/a*b") == 5
    assert ftp.size("link") in (None, 5), "a listing has the length of a link or of its file"
    for name in ("d", "nothing", "d/nothing", "nowhere/nothing"):
        with pytest.raises(ftplib.error_perm, match=rf"^550 .*{name}"):
            ftp.size(name)
        with pytest.raises(nlftp.Refused, match=rf"^550 .*{name}"):
            ftp.sendcmd(f"SIZE {name}")


ENTRY = Entry("name", 5, "file", None, "raw")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "type=file;size=5; name"),
        ({"size": None}, "type=file; name"),
        ({"kind": "directory"}, "type=dir; name"),
        ({"kind": "link"}, "type=OS.unix=slink; name"),
        ({"kind": "link", "target": "/to it"}, "type=OS.unix=slink:/to it; name"),
        ({"kind": "other"}, "type=OS.unix=special; name"),
        ({"kind": "unknown", "name": " x "}, "  x "),
    ],
)
def test_facts_of_each_kind(changes: dict[str, Any], line: str) -> None:
    entry = Entry(**{**vars(ENTRY), **changes})
    assert line_of(entry) == line


@pytest.mark.parametrize(
    ("modified", "fact"),
    [
        (datetime.datetime(2019, 10, 26), "20191026000000"),
        (datetime.datetime(2019, 10, 26, 15, 16), "20191026151600"),
        (
            datetime.datetime(
                2019, 1, 1, 1, 0, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=2))
            ),
            "20181231230005",
        ),
    ],
)
def test_facts_of_each_time(modified: datetime.datetime, fact: str) -> None:
    assert facts_of(Entry("name", 5, "file", modified, "raw"))["modify"] == fact


# -- giving up ------------------------------------------------------------------------------------


def test_abort_without_a_transfer(ftp: FTP) -> None:
    assert ftp.abort().startswith("226 ")


def test_abort_from_a_callback(ftp: FTP, sim: VirtualModem) -> None:
    (sim.root / "big").write_bytes(bytes(300_000))
    replies: list[str] = []
    with pytest.raises(nlftp.Cancelled, match=r"^426 ") as caught:
        ftp.retrbinary("RETR big", lambda _: replies.append(ftp.abort()))
    assert isinstance(caught.value, ftplib.error_temp)
    assert replies[0].startswith("426 ")
    assert ftp.pwd() == "/"


def test_abort_from_another_thread(ftp: FTP) -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            begun.set()
            return bytes(size)

    begun = threading.Event()

    def abort() -> None:
        begun.wait()
        ftp.abort()

    thread = threading.Thread(target=abort)
    thread.start()
    with pytest.raises(nlftp.Cancelled):
        ftp.storbinary("STOR endless", Endless())
    thread.join()
    assert ftp.nlst() == []
