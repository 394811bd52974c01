"""Remote files that are opened for reading and writing."""

from __future__ import annotations

import io
import threading

import pytest
from conftest import Rig, data

import nlftp


def test_reading_streams_and_ends_well(rig: Rig, ftp: nlftp.Ftp) -> None:
    content = data(300_000)
    (rig.root / "file").write_bytes(content)
    with ftp.open_read("file") as file:
        assert file.readable()
        assert not file.writable()
        first = file.read(10)
        assert first is not None
        assert content.startswith(first)
        assert first + file.readall() == content
        assert file.read() == b""
    assert file.transfer is not None
    assert file.transfer.bytes == 300_000
    assert ftp.pwd() == "/"


def test_lines_of_a_remote_text_file(rig: Rig, ftp: nlftp.Ftp) -> None:
    (rig.root / "log").write_text("one\ntwo\nthree\n")
    with io.TextIOWrapper(io.BufferedReader(ftp.open_read("log"))) as lines:
        assert [line.strip() for line in lines] == ["one", "two", "three"]


def test_closing_before_the_end_cancels(rig: Rig, ftp: nlftp.Ftp) -> None:
    (rig.root / "file").write_bytes(data(1_000_000))
    with ftp.open_read("file") as file:
        assert file.read(100)
    assert file.transfer is None
    assert ftp.pwd() == "/"


def test_a_missing_file_is_told_when_it_is_read(ftp: nlftp.Ftp) -> None:
    with ftp.open_read("missing") as file, pytest.raises(nlftp.Refused):
        file.read()
    assert ftp.pwd() == "/"


def test_writing_streams_and_is_checked_at_the_end(rig: Rig, ftp: nlftp.Ftp) -> None:
    content = data(300_000)
    with ftp.open_write("file") as file:
        assert file.writable()
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
    assert (rig.root / "file").read_bytes() == content
    assert file.transfer is not None
    assert file.transfer.verified == "size"
    with io.BufferedWriter(ftp.open_write("file")) as buffered:
        buffered.write(content)
    assert (rig.root / "file").read_bytes() == content


def test_leaving_by_an_exception_is_no_upload(rig: Rig, ftp: nlftp.Ftp) -> None:
    with pytest.raises(KeyError), ftp.open_write("file") as file:
        file.write(b"half")
        raise KeyError
    assert file.transfer is None
    assert ftp.pwd() == "/"
    assert not (rig.root / "file").exists()


def test_an_upload_that_is_refused_says_so(rig: Rig, ftp: nlftp.Ftp) -> None:
    (rig.root / "folder").mkdir()
    with pytest.raises(nlftp.Refused), ftp.open_write("folder") as file:
        while True:
            file.write(bytes(10_000))
    assert ftp.pwd() == "/"


def test_the_modem_is_busy_until_the_file_is_closed(rig: Rig, ftp: nlftp.Ftp) -> None:
    (rig.root / "file").write_bytes(data(1000))
    with ftp.open_read("file") as file:
        with pytest.raises(nlftp.Busy, match="still open"):
            ftp.noop()
        with pytest.raises(nlftp.Busy):
            ftp.open_write("other")
        # Another thread waits for its turn.
        other = threading.Thread(target=ftp.noop)
        other.start()
        assert file.readall() == data(1000)
    other.join()
    ftp.noop()


def test_bad_input(rig: Rig, ftp: nlftp.Ftp) -> None:
    (rig.root / "file").write_bytes(data(1000))
    with ftp.open_read("file") as file:
        with pytest.raises(TypeError, match="writable"):
            file.readinto(b"read-only")
        with pytest.raises(io.UnsupportedOperation):
            file.write(b"x")
        assert file.readinto(bytearray()) == 0
    with pytest.raises(ValueError, match="closed file"):
        file.read()
    with ftp.open_write("new") as out:
        with pytest.raises(TypeError):
            out.write("text")  # type: ignore[arg-type]
        with pytest.raises(io.UnsupportedOperation):
            out.read()
    with pytest.raises(ValueError, match="closed file"):
        out.write(b"x")
    assert ftp.pwd() == "/"


def test_what_progress_raises_comes_out(rig: Rig, ftp: nlftp.Ftp) -> None:
    (rig.root / "file").write_bytes(data(500_000))

    def broken(done: int, total: int | None) -> None:
        raise KeyError(done, total)

    with pytest.raises(KeyError), ftp.open_read("file", progress=broken) as file:
        file.readall()
    assert ftp.pwd() == "/"
