"""Judges the FTP server with a client that its authors did not write: Python's ftplib.

Arguments: port, root folder. The first failure ends it with a traceback.
"""

import ftplib
import io
import os
import pathlib
import random
import sys
import time


def fetch(ftp, name, rest=None):
    out = io.BytesIO()
    ftp.retrbinary(f"RETR {name}", out.write, rest=rest)
    return out.getvalue()


def store(ftp, name, data, rest=None):
    ftp.storbinary(f"STOR {name}", io.BytesIO(data), rest=rest)


def refused(call, code):
    try:
        call()
    except ftplib.Error as error:
        assert str(error).startswith(code), (code, str(error))
    else:
        raise AssertionError(f"expected {code}")


def session(port, root, passive, encoding):
    ftp = ftplib.FTP(encoding=encoding, timeout=30)
    ftp.connect("127.0.0.1", port)
    refused(lambda: ftp.cwd("/"), "530")
    refused(lambda: ftp.login("nlftp", "wrong"), "530")
    assert ftp.login("nlftp", "nlftp").startswith("230")
    ftp.set_pasv(passive)

    # Folders and names.
    assert ftp.pwd() == "/"
    odd = 'he said "hi" \u00e9'
    assert ftp.mkd(odd) == f"/{odd}"
    assert (root / os.fsdecode(odd.encode(encoding))).is_dir()
    ftp.cwd(odd)
    assert ftp.pwd() == f"/{odd}"
    ftp.cwd("..")
    refused(lambda: ftp.cwd("missing"), "550")
    refused(lambda: ftp.mkd(odd), "550")
    ftp.cwd(odd)
    here = root / os.fsdecode(odd.encode(encoding))

    # Binary, whole and in parts.
    data = random.randbytes(300_000)
    store(ftp, "data.bin", data)
    assert (here / "data.bin").read_bytes() == data
    assert fetch(ftp, "data.bin") == data
    assert fetch(ftp, "data.bin", rest=123_457) == data[123_457:]
    assert fetch(ftp, "data.bin", rest=len(data)) == b""
    refused(lambda: fetch(ftp, "data.bin", rest=len(data) + 1), "554")
    refused(lambda: fetch(ftp, "missing"), "550")
    refused(lambda: fetch(ftp, "/"), "550")
    store(ftp, "empty", b"")
    assert fetch(ftp, "empty") == b""
    store(ftp, "part", b"0123456789")
    store(ftp, "part", b"ab", rest=3)
    assert fetch(ftp, "part") == b"012ab56789"
    store(ftp, "part", b"z", rest=12)
    assert fetch(ftp, "part") == b"012ab56789\0\0z"
    store(ftp, "gap", b"z", rest=4)
    assert fetch(ftp, "gap") == b"\0\0\0\0z"
    store(ftp, "gap", b"", rest=7)
    assert fetch(ftp, "gap") == b"\0\0\0\0z\0\0"
    store(ftp, "part", b"short")
    assert fetch(ftp, "part") == b"short"
    ftp.storbinary("APPE part", io.BytesIO(b"er"))
    assert fetch(ftp, "part") == b"shorter"
    assert ftp.storbinary("STOU", io.BytesIO(b"1")).startswith("226")
    assert ftp.storbinary("STOU", io.BytesIO(b"2")).startswith("226")
    assert fetch(ftp, "unique.1") == b"2"

    # Sizes and times.
    assert ftp.size("data.bin") == len(data)
    refused(lambda: ftp.size("missing"), "550")
    os.utime(here / "data.bin", (951782400, 951782400))
    assert ftp.sendcmd("MDTM data.bin") == "213 20000229000000"

    # ASCII.
    ftp.storlines("STOR text", io.BytesIO(b"one\ntwo\n\nlast"))
    assert (here / "text").read_bytes() == b"one\ntwo\n\nlast\n"
    lines = []
    ftp.retrlines("RETR text", lines.append)
    assert lines == ["one", "two", "", "last"]
    refused(lambda: ftp.size("text"), "550")
    wire = bytearray()
    (here / "text").write_bytes(b"a\nb\r\n" * 30_000)
    with ftp.transfercmd("RETR text") as conn:
        while chunk := conn.recv(1000):
            wire += chunk
    ftp.voidresp()
    assert wire == b"a\r\nb\r\r\n" * 30_000
    with ftp.transfercmd("STOR text2") as conn:
        for at in range(0, len(wire), 777):
            conn.sendall(wire[at : at + 777])
    ftp.voidresp()
    assert (here / "text2").read_bytes() == (here / "text").read_bytes()
    ftp.voidcmd("TYPE I")

    # Listings.
    ftp.delete("text")
    ftp.delete("text2")
    ftp.delete("gap")
    ftp.delete("unique")
    ftp.delete("unique.1")
    store(ftp, " a  b", b"xy")
    ftp.mkd("sub")
    store(ftp, "sub/in", b"")
    names = [" a  b", "data.bin", "empty", "part", "sub"]
    assert ftp.nlst() == names, ftp.nlst()
    assert ftp.nlst("sub") == ["sub/in"]
    assert ftp.nlst("part") == ["part"]
    refused(lambda: ftp.nlst("missing"), "550")
    lines = []
    ftp.dir(lines.append)
    assert len(lines) == 5
    assert lines[0].endswith("  a  b") and lines[4].startswith("d"), lines
    fields = lines[1].split(None, 8)
    assert fields[4:] == ["300000", "Feb", "29", "2000", "data.bin"], fields
    fields = lines[3].split(None, 8)
    assert fields[0] == "-rw-r--r--" and ":" in fields[7], fields
    lines = []
    ftp.dir("-la", lines.append)
    assert len(lines) == 5
    lines = []
    ftp.dir("part", lines.append)
    assert len(lines) == 1 and lines[0].endswith(" part"), lines
    refused(lambda: ftp.dir("missing", lambda line: None), "550")
    lines = []
    ftp.dir("sub/..", lines.append)
    assert len(lines) == 5
    facts = dict(ftp.mlsd())
    assert sorted(facts) == names
    assert facts["data.bin"]["type"] == "file"
    assert facts["data.bin"]["size"] == "300000"
    assert facts["data.bin"]["modify"] == "20000229000000"
    assert facts["sub"]["type"] == "dir"
    facts = dict(ftp.mlsd("sub", facts=["size"]))
    assert facts == {"in": {"size": "0"}}, facts
    ftp.sendcmd("OPTS MLST type;size;modify;perm;UNIX.mode;")
    single = ftp.sendcmd("MLST sub/in").split("\n")
    assert len(single) == 3 and single[1].startswith(" type=file;size=0;"), single
    assert single[1].endswith(f"; /{odd}/sub/in"), single

    # STAT in its three forms, and the small ones.
    assert ftp.sendcmd("STAT").startswith("211-")
    assert ftp.sendcmd("STAT sub").split("\n")[1].endswith(" in")
    assert ftp.sendcmd("STAT sub").startswith("212-")
    assert ftp.sendcmd("STAT part").startswith("213-")
    refused(lambda: ftp.sendcmd("STAT missing"), "450")
    assert ftp.sendcmd("SYST") == "215 UNIX Type: L8"
    assert " REST STREAM\n" in ftp.sendcmd("FEAT")
    assert ftp.sendcmd("HELP").startswith("214-")
    assert ftp.sendcmd("NOOP").startswith("200")
    assert ftp.sendcmd("ALLO 10").startswith("202")
    assert ftp.sendcmd("OPTS UTF8 ON").startswith("200")
    for good in ["TYPE A", "TYPE A N", "TYPE L 8", "TYPE I", "MODE S", "STRU F", "type i"]:
        assert ftp.sendcmd(good).startswith("200"), good
    for bad in ["TYPE E", "TYPE A T", "MODE B", "MODE C", "STRU R", "STRU P"]:
        refused(lambda: ftp.sendcmd(bad), "504")
    refused(lambda: ftp.sendcmd("SITE CHMOD 777 part"), "502")
    refused(lambda: ftp.sendcmd("FROB"), "500")
    refused(lambda: ftp.sendcmd("REST x"), "501")

    # Renaming and removing.
    ftp.rename("part", "whole")
    refused(lambda: ftp.rename("part", "other"), "550")
    refused(lambda: ftp.sendcmd("RNTO other"), "503")
    ftp.sendcmd("RNFR whole")
    ftp.sendcmd("NOOP")
    refused(lambda: ftp.sendcmd("RNTO other"), "503")
    refused(lambda: ftp.rmd("sub"), "550")
    refused(lambda: ftp.delete("sub"), "550")
    refused(lambda: ftp.rmd("whole"), "550")
    ftp.delete("sub/in")
    ftp.rmd("sub")
    for name in [" a  b", "data.bin", "empty", "whole"]:
        ftp.delete(name)
    assert ftp.nlst() == []
    assert dict(ftp.mlsd()) == {}

    # An interrupted download: 426 for the transfer, 226 for ABOR itself. ftplib sends ABOR as
    # urgent data.
    (here / "big").write_bytes(bytes(64 << 20))
    conn = ftp.transfercmd("RETR big")
    assert conn.recv(10)
    assert ftp.abort().startswith("426")
    assert ftp.getresp().startswith("226")
    conn.close()
    assert ftp.abort().startswith("226")
    ftp.delete("big")

    ftp.cwd("/")
    ftp.rmd(odd)
    assert ftp.quit().startswith("221")


def main():
    port, root = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    for passive in [True, False]:
        for encoding in ["utf-8", "latin-1"]:
            session(port, root, passive, encoding)
    assert list(root.iterdir()) == []
    started = time.monotonic()
    with ftplib.FTP() as ftp:
        ftp.connect("127.0.0.1", port)
        ftp.login("nlftp", "nlftp")
        for number in range(300):
            store(ftp, "small", b"%d" % number)
            assert fetch(ftp, "small") == b"%d" % number
        ftp.delete("small")
    print(f"600 transfers in {time.monotonic() - started:.2f} s")


main()
