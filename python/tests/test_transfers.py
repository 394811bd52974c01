"""Files up and down: every source and sink, byte for byte, and what ends a transfer."""

from __future__ import annotations

import array
import io
import mmap
from pathlib import Path
from typing import Any

import pytest
from conftest import Rig, data

import nlftp

WAYS = ["stream", "block"]


@pytest.mark.parametrize("via", WAYS)
@pytest.mark.parametrize("size", [0, 1, 1024, 3000, 200_001])
def test_every_way_moves_every_byte(rig: Rig, ftp: nlftp.Ftp, via: Any, size: int) -> None:
    content = data(size)
    sent = ftp.put(content, "file", via=via)
    assert (rig.root / "file").read_bytes() == content
    sink = bytearray()
    got = ftp.get("file", sink, via=via)
    assert sink == content
    for transfer in (sent, got):
        assert transfer.bytes == size
        assert transfer.verified == "size"
        assert transfer.seconds > 0
        assert transfer.resumed_from == 0
    if size:
        assert (sent.via, got.via) == (via, via)


def sources(content: bytes, folder: Path) -> list[Any]:
    """The same bytes in every form."""
    path = folder / "source"
    path.write_bytes(content)
    later = io.BytesIO(b"before" + content)
    later.seek(6)
    mapped = mmap.mmap(-1, len(content))
    mapped.write(content)
    mapped.seek(0)

    class Reader:
        """A file object that has nothing but read."""

        def __init__(self) -> None:
            self.inner = io.BytesIO(content)

        def read(self, size: int) -> bytes:
            return self.inner.read(min(size, 777))

    return [
        path,
        str(path),
        content,
        bytearray(content),
        memoryview(content),
        memoryview(array.array("H", content)),
        mapped,
        later,
        path.open("rb"),
        path.open("rb", buffering=0),
        Reader(),
    ]


def test_every_kind_of_source(rig: Rig, ftp: nlftp.Ftp, tmp_path: Path) -> None:
    content = data(100_000)
    for number, source in enumerate(sources(content, tmp_path)):
        transfer = ftp.put(source, f"file{number}")
        assert (rig.root / f"file{number}").read_bytes() == content, type(source)
        assert transfer.bytes == len(content)
        if isinstance(source, io.IOBase):
            assert not source.closed, "a file object that the caller opened stays open"
            source.close()


def test_every_kind_of_sink(rig: Rig, ftp: nlftp.Ftp, tmp_path: Path) -> None:
    content = data(100_000)
    (rig.root / "file").write_bytes(content)
    ftp.get("file", tmp_path / "path")
    assert (tmp_path / "path").read_bytes() == content
    ftp.get("file", str(tmp_path / "text"))
    assert (tmp_path / "text").read_bytes() == content
    grown = bytearray(b"before")
    ftp.get("file", grown)
    assert grown == b"before" + content
    filled = array.array("H", bytes(len(content) + 2))
    ftp.get("file", memoryview(filled))
    assert filled.tobytes() == content + b"\0\0"
    memory = io.BytesIO()
    ftp.get("file", memory)
    assert memory.getvalue() == content
    for buffering in (-1, 0):
        with (tmp_path / "opened").open("wb", buffering=buffering) as file:
            ftp.get("file", file)
            assert not file.closed
            # What was written is there already: a buffered file was flushed.
            assert (tmp_path / "opened").read_bytes() == content

    class Writer:
        """A file object that has nothing but write, and says nothing."""

        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def write(self, part: bytes) -> None:
            self.parts.append(part)

    writer = Writer()
    ftp.get("file", writer)
    assert b"".join(writer.parts) == content


def test_a_sink_that_is_too_small_says_so(rig: Rig, ftp: nlftp.Ftp) -> None:
    (rig.root / "file").write_bytes(data(1000))
    with pytest.raises(ValueError, match="room for 999 bytes"):
        ftp.get("file", memoryview(bytearray(999)))
    assert ftp.pwd() == "/"


@pytest.mark.parametrize("via", WAYS)
def test_offsets(rig: Rig, ftp: nlftp.Ftp, via: Any) -> None:
    content = data(10_000)
    (rig.root / "file").write_bytes(content)
    sink = bytearray()
    ftp.get("file", sink, offset=4000, via=via)
    assert sink == content[4000:]
    ftp.put(b"tail", "file", offset=9000)
    assert (rig.root / "file").read_bytes()[9000:9004] == b"tail"


def test_readback_and_no_check(ftp: nlftp.Ftp) -> None:
    assert ftp.put(data(5000), "file", verify="readback").verified == "readback"
    assert ftp.put(data(5000), "file", verify="none").verified is False


@pytest.mark.parametrize("way", ["put", "get"])
def test_progress_ends_at_the_size_on_this_thread(rig: Rig, ftp: nlftp.Ftp, way: str) -> None:
    content = data(300_000)
    seen: list[tuple[int, int | None]] = []

    def progress(done: int, total: int | None) -> None:
        seen.append((done, total))

    if way == "put":
        ftp.put(content, "file", progress=progress)
    else:
        (rig.root / "file").write_bytes(content)
        ftp.get("file", io.BytesIO(), progress=progress)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1] == (len(content), len(content))


def test_progress_bars_are_told_what_came(ftp: nlftp.Ftp) -> None:
    class Bar:
        total: int | None = None

        def __init__(self) -> None:
            self.count = 0

        def update(self, count: int) -> None:
            self.count += count

    bar = Bar()
    ftp.put(data(100_000), "file", progress=bar)
    assert (bar.count, bar.total) == (100_000, 100_000)


def test_what_the_programs_own_code_raises_comes_out_unchanged(rig: Rig, ftp: nlftp.Ftp) -> None:
    class OwnError(Exception):
        pass

    class Broken:
        def read(self, _: int) -> bytes:
            raise OwnError

        def write(self, _: bytes) -> int:
            raise OwnError

    def broken(done: int, total: int | None) -> None:
        raise OwnError(done, total)

    (rig.root / "file").write_bytes(data(200_000))
    with pytest.raises(OwnError):
        ftp.put(Broken(), "broken")
    with pytest.raises(OwnError):
        ftp.get("file", Broken())
    with pytest.raises(OwnError):
        ftp.put(data(200_000), "broken", progress=broken)
    with pytest.raises(OwnError):
        ftp.get("file", bytearray(), progress=broken)
    assert ftp.pwd() == "/"
    assert ftp.put(b"whole", "after").verified == "size"


def test_a_source_or_sink_that_breaks_the_rules(rig: Rig, ftp: nlftp.Ftp) -> None:
    class Text:
        def read(self, _: int) -> Any:
            return "text"

    class TooMuch:
        def read(self, size: int) -> bytes:
            return bytes(size + 1)

    class TooMany:
        def write(self, part: bytes) -> int:
            return len(part) + 1

    class NoNumber:
        def write(self, _: bytes) -> Any:
            return "many"

    (rig.root / "file").write_bytes(data(5000))
    with pytest.raises(TypeError, match="has to give bytes, not str"):
        ftp.put(Text(), "x")
    with pytest.raises(ValueError, match="gave"):
        ftp.put(TooMuch(), "x")
    with pytest.raises(ValueError, match="says that it wrote"):
        ftp.get("file", TooMany())
    with pytest.raises(TypeError, match="number or None, not str"):
        ftp.get("file", NoNumber())
    assert ftp.pwd() == "/"


def test_a_source_that_has_nothing_just_now_is_asked_again(rig: Rig, ftp: nlftp.Ftp) -> None:
    class Halting(io.RawIOBase):
        def __init__(self) -> None:
            self.turn = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1, /) -> bytes | None:
            self.turn += 1
            if self.turn % 2:
                return None
            return b"part" if self.turn < 10 else b""

    assert ftp.put(Halting(), "file").bytes == 16
    assert (rig.root / "file").read_bytes() == b"part" * 4


def test_resume_goes_on_where_the_last_upload_was_cut_off(
    rig: Rig, ftp: nlftp.Ftp, tmp_path: Path
) -> None:
    content = data(300_000)
    (rig.root / "file").write_bytes(content[:200_000])
    path = tmp_path / "file"
    path.write_bytes(content)
    transfer = ftp.put(path, "file", resume=True)
    assert transfer.resumed_from == 200_000
    assert transfer.bytes == 100_000
    assert (rig.root / "file").read_bytes() == content
    with path.open("rb") as file:
        assert ftp.put(file, "file", resume=True).bytes == 0
    with pytest.raises(nlftp.InvalidArgument, match="seek"):
        ftp.put(Unseekable(), "file", resume=True)
    with pytest.raises(nlftp.InvalidArgument):
        ftp.get("file", bytearray(), resume=True)


def test_a_temporary_name_keeps_a_file_from_sight_until_it_is_whole(
    rig: Rig, ftp: nlftp.Ftp
) -> None:
    (rig.root / "file").write_bytes(b"before")
    seen: list[list[str]] = []

    def progress(_: int, __: int | None) -> None:
        seen.append(sorted(path.name for path in rig.root.iterdir()))
        assert (rig.root / "file").read_bytes() == b"before"

    content = data(100_000)
    transfer = ftp.put(content, "file", temporary=True, progress=progress)
    assert transfer.verified == "size"
    assert ["file", "file.nlftp-part"] in seen
    assert [path.name for path in rig.root.iterdir()] == ["file"]
    assert (rig.root / "file").read_bytes() == content


def test_a_temporary_file_is_resumed(rig: Rig, ftp: nlftp.Ftp) -> None:
    content = data(300_000)
    (rig.root / "file.nlftp-part").write_bytes(content[:200_000])
    transfer = ftp.put(content, "file", temporary=True, resume=True)
    assert transfer.resumed_from == 200_000
    assert (rig.root / "file").read_bytes() == content
    assert not (rig.root / "file.nlftp-part").exists()


class Unseekable:
    """A source that can only be read."""

    def read(self, _: int) -> bytes:
        return b""


def test_errors_of_the_server_and_of_this_machine(ftp: nlftp.Ftp, tmp_path: Path) -> None:
    with pytest.raises(nlftp.Refused) as raised:
        ftp.get("missing", tmp_path / "missing")
    assert isinstance(raised.value, nlftp.CommandError)
    assert raised.value.text == "+FTPRETR: 0"
    assert not list(tmp_path.iterdir())
    with pytest.raises(nlftp.LocalFileError) as local:
        ftp.put(tmp_path / "missing", "x")
    assert isinstance(local.value, OSError)
    assert local.value.errno == 2
    assert "missing" in str(local.value)
    with pytest.raises(FileNotFoundError):
        ftp.get("x", tmp_path / "missing" / "x")
    with pytest.raises(nlftp.LocalFileError):
        ftp.get("x", tmp_path)


def test_verbs(rig: Rig, ftp: nlftp.Ftp) -> None:
    ftp.mkd("folder")
    ftp.cwd("folder")
    assert ftp.pwd() == "/folder"
    ftp.put(b"12345", "a")
    ftp.rename("a", "b")
    (entry,) = ftp.list()
    assert (entry.name, entry.size, entry.kind) == ("b", 5, "file")
    assert entry.modified is not None
    assert entry.raw.endswith("b")
    ftp.cdup()
    assert ftp.list("folder") == [entry]
    assert [one.kind for one in ftp.list()] == ["directory"]
    ftp.delete("folder/b")
    ftp.rmd("folder")
    assert ftp.list() == []
    assert ftp.syst().startswith("UNIX")
    assert ftp.stat()
    assert ftp.is_connected()
    ftp.noop()
    assert not list(rig.root.iterdir())
    ftp.close()
    assert ftp.closed
    with pytest.raises(nlftp.Closed):
        ftp.noop()


def test_names_that_are_no_utf8_come_back_as_they_are(rig: Rig, ftp: nlftp.Ftp) -> None:
    ftp.put(b"1", b"caf\xe9")
    (entry,) = ftp.list()
    assert entry.name == "caf\udce9"
    ftp.rename(entry.name, "café ✓")
    assert [one.name for one in ftp.list()] == ["café ✓"]
    sink = bytearray()
    ftp.get("café ✓", sink)
    assert sink == b"1"
    assert rig.modem.command("AT") == []


def test_ftpinfo_reports_the_control_connection(ftp: nlftp.Ftp) -> None:
    lines: list[str] = []
    ftp.on_info(lines.append)
    ftp.noop()
    assert any("NOOP" in line for line in lines)
    ftp.on_info(None)
    lines.clear()
    ftp.noop()
    assert not lines
