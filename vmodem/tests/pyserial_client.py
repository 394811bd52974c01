"""Types at virtual modems with pyserial: first the examples of the manual's section 3, each at a modem of
its own, then what the manual's tables promise, then files by all four ways.

Arguments: port and server folder for tables and files, the file of cases, then name and port for each
case. What surrounds a case and what it leaves behind is the caller's to make and to check. The first
failure ends it with a traceback.
"""

import pathlib
import random
import re
import sys

import serial

ANSWER_LIMIT = 20


class Host:
    def __init__(self, path):
        self.port = serial.Serial(path, 115200, timeout=ANSWER_LIMIT)

    def send(self, data):
        self.port.write(data)

    def read(self, count):
        data = self.port.read(count)
        assert len(data) == count, data
        return data

    def until(self, end):
        data = self.port.read_until(end)
        assert data.endswith(end), (end, data)
        return data

    def line(self):
        return self.until(b"\r\n")[:-2].decode("latin-1")

    def next_line(self):
        """The next line that is not empty."""
        while True:
            text = self.line()
            if text:
                return text

    def type(self, command, end="\r"):
        self.send((command + end).encode("latin-1"))

    def expect(self, *lines):
        for line in lines:
            found = self.next_line()
            good = line.fullmatch(found) if isinstance(line, re.Pattern) else line == found
            assert good, (line, found)

    def ask(self, command, *lines, end="\r"):
        """Types a command and compares every line that answers it, blank lines aside."""
        self.type(command, end)
        self.expect(*lines)

    def echoed(self, command, *lines):
        self.type(command)
        assert self.until(b"\r") == command.encode() + b"\r"
        self.expect(*lines)

    def quiet(self):
        self.port.timeout = 0.2
        rest = self.port.read(1)
        self.port.timeout = ANSWER_LIMIT
        assert rest == b"", rest


def stuffed(data):
    return data.replace(b"\x10", b"\x10\x10").replace(b"\x03", b"\x10\x03")


def unstuffed(data):
    return re.sub(rb"\x10([\x03\x10])", rb"\1", data, flags=re.DOTALL)


def read_cases(path):
    """The typed part of each case: its name, what is given, and its steps."""
    cases = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "==":
            given, steps = cases[rest] = [], []
        elif word == "given:":
            given.append(rest)
        elif word in ("$", "$$", "="):
            steps.append((word, rest))
    return cases


def unescaped(text):
    letters = {"r": b"\r", "n": b"\n", "\\": b"\\"}

    def one(match):
        code = match[1].decode()
        return letters[code] if code in letters else bytes.fromhex(code[1:])

    return re.sub(rb"\\(r|n|\\|x[0-9a-fA-F]{2})", one, text.encode())


def shown(line):
    """What a line of the file stands for: in a listing, links, owner and time are the server's."""
    entry = re.fullmatch(r"([-dl]\S{9}) +\S+ +\S+ +\S+ +(\d+) +\S+ +\S+ +\S+ (.*)", line)
    if not entry:
        return line
    mode, size, name = map(re.escape, entry.groups())
    return re.compile(rf"{mode} +\S+ +\S+ +\S+ +{size} +\S+ +\S+ +\S+ {name}")


def example(host, given, steps):
    """Section 3, one example line by line."""
    for thing in given:
        word, _, rest = thing.partition(" ")
        if word == "login":
            host.echoed('AT+FTPOPEN="111.231.250.105","db","db"', "OK", "+FTPOPEN: 1")
        elif word == "cwd":
            host.echoed(f'AT+FTPCWD="{rest}"', "OK", "+FTPCWD: 1")
    for word, text in steps:
        if word == "$":
            host.echoed(text)
        elif word == "$$":
            host.send(unescaped(text))
        else:
            host.expect(shown(text))
    host.echoed("AT", "OK")


def tables(host, root):
    """What a reader of section 1 would try."""
    host.echoed("ATE0", "OK")
    host.ask("at", "OK")
    for end in "\r\n", "\r":
        host.ask("at + ftpopen?", "+FTPOPEN: 0", "OK", end=end)
    host.ask("AT+FTPRECV?", "+FTPRECV: 0", "OK")
    host.ask("AT+FTPRECV=1", "ERROR")
    host.ask("AT+NONSENSE", "ERROR")
    host.ask("AT+CMEE=1", "OK")
    host.ask("AT+FTPPWD", re.compile(r"\+CME ERROR: \d+"))
    host.ask("AT+CMEE=2", "OK")
    host.ask("AT+FTPPWD", re.compile(r"\+CME ERROR: [a-z ]+"))
    host.ask("AT+CMEE=0", "OK")
    host.ask("AT+FTPOPEN?;+FTPMODE?;+FTPINFO?", "+FTPOPEN: 0", "+FTPMODE: 0", "+FTPINFO: 0", "OK")
    for values in '"h","u"', '"h"', '"256.1.1.1","db","db"', "h,db,db", '"h","u","p","",65536,21,0,0':
        host.ask(f"AT+FTPOPEN={values}", "ERROR")
    host.ask('AT+FTPOPEN="127.0.0.1","db","wrong"', "OK", "+FTPOPEN: 0")
    host.ask('AT+FTPOPEN=127.0.0.1, "db", "db", , 0, 21, 0, 0', "OK", "+FTPOPEN: 1")
    host.ask("AT+FTPOPEN?", "+FTPOPEN: 1", "OK")
    host.ask('AT+FTPOPEN="127.0.0.1","db","db"', "ERROR")
    for name in "FTPCLOSE", "FTPPWD", "FTPCDUP", "FTPSYST", "FTPNOOP":
        host.ask(f"AT+{name}?", "ERROR")
        host.ask(f"AT+{name}=?", "ERROR")
    for name in "CWD", "MKD", "RMD", "DEL", "REN", "LIST", "STAT", "STOR", "RETR", "PUT":
        host.ask(f"AT+FTP{name}?", "ERROR")
        host.ask(f"AT+FTP{name}=?", re.compile(rf"\+FTP{name}: \(.*\)"), "OK")
    for name in "OPEN", "INFO", "REST", "GET", "RECV", "_RECV", "MODE":
        host.ask(f"AT+FTP{name}=?", re.compile(rf"\+FTP{name}: \(.*\)"), "OK")
    for command in (
        "INFO=2", "MODE=2", "REST=4294967296", "REST=0x10", "RECV=0", "RECV=3001", "CWD", 'CWD=""',
        "CWD=name", 'PUT="f",0,0', 'PUT="f",1025,0', 'PUT="f",1', 'STOR="f",2', 'GET="f",1,-1',
        'REN="a"', 'DEL="' + "x" * 256 + '"',
    ):
        host.ask(f"AT+FTP{command}", "ERROR")
    (root / ("y" * 255)).write_bytes(b"")
    host.ask('AT+FTPDEL="' + "y" * 255 + '"', "OK", "+FTPDEL: 1")
    host.ask("AT+FTPREST=4294967295;+FTPREST?", "+FTPREST: 4294967295", "OK")
    host.ask("AT+FTPREST=0", "OK")
    host.ask("AT+FTPINFO=1;+FTPINFO?", "+FTPINFO: 1", "OK")
    host.ask("AT+FTPNOOP", "OK", "+FTPINFO:NOOP", re.compile(r"\+FTPINFO:200 .*"), "+FTPNOOP: 1")
    host.ask("AT+FTPINFO=0", "OK")
    host.ask("AT+FTPSYST", "OK", re.compile(r"\+FTPSYST: 2,.*UNIX.*"), "+FTPSYST: 1")
    host.ask('AT+FTPREN="none","other"', "OK", "+FTPREN: 0")
    host.ask('AT+FTPRETR="none"', "OK", "+FTPRETR: 0")
    host.ask('AT+FTPGET="none"', "OK", "+FTPGET: 0")
    host.ask('AT+FTPLIST="none"', "OK", "+FTPLIST: 0")


def transfers(host, root):
    source = random.Random(7)
    data = source.randbytes(1_000_000)
    for mode in 0, 1:
        host.ask(f"AT+FTPMODE={mode}", "OK")
        for name, content in ("noise", data), ("empty", b""), ("marks", b"\x10\x03" * 3000):
            host.ask(f'AT+FTPSTOR="{name}",1,0', "OK", "+FTPSTOR: 2")
            host.send(stuffed(content) + b"\x03")
            host.expect("+FTPSTOR: 1")
            assert (root / name).read_bytes() == content
            host.ask(f'AT+FTPRETR="{name}"', "OK", "+FTPRETR: 2")
            end = b"\x03\r\n+FTPRETR: 1\r\n"
            found = b""
            while not found.endswith(end):
                found += host.port.read(max(1, host.port.in_waiting))
            assert unstuffed(found[: -len(end)]) == content
    host.ask('AT+FTPSTOR="noise",,10', "OK", "+FTPSTOR: 2")
    host.send(b"ten\x03")
    host.expect("+FTPSTOR: 1")
    changed = data[:10] + b"ten" + data[13:]
    assert (root / "noise").read_bytes() == changed
    host.ask('AT+FTPSTOR="new",1,10', "OK", "+FTPSTOR: 2")
    host.send(b"ten\x03")
    host.expect("+FTPSTOR: 1")
    assert (root / "new").read_bytes() == bytes(10) + b"ten"
    for size in 1, 1023, 1024:
        host.ask(f'AT+FTPPUT="put",{size},0,1', f"+FTPPUT: 2,{size}")
        host.send(data[:size])
        host.expect("OK")
    host.ask('AT+FTPPWD', "ERROR")
    host.ask('AT+FTPPUT="put",5,1', "+FTPPUT: 2,5")
    host.send(b"\r\nOK\r")
    host.expect("OK", "+FTPPUT: 1")
    assert (root / "put").read_bytes() == data[:1] + data[:1023] + data[:1024] + b"\r\nOK\r"

    # Twice the cache: it fills, stops, and goes on when half of it is free.
    (root / "noise").write_bytes(data + data)
    host.ask('AT+FTPGET="noise",1,0', "OK", "+FTPGET: 2")
    while True:
        host.type("AT+FTPRECV?")
        if host.next_line() == "+FTPRECV: 512000":
            host.expect("OK")
            break
        host.expect("OK")
    host.ask("AT+FTPGET?", '+FTPGET:"noise",1,0', "OK")
    for command in "FTPPWD", "FTPMODE?", 'FTPGET="put"', 'FTPSTOR="x"', "FTPLIST", 'FTPPUT="x",1,1':
        host.ask(f"AT+{command}", "ERROR")
    host.ask("AT+FTPOPEN?", "+FTPOPEN: 1", "OK")
    fetched, whole = b"", False
    while len(fetched) < 2 * len(data):
        host.type("AT+FTPRECV=3000")
        line = host.next_line()
        while line == "+FTPGET: 1":
            whole = True
            line = host.next_line()
        count = int(line.removeprefix("+FTPRECV: "))
        fetched += host.read(count)
        host.expect("OK")
    if not whole:
        host.expect("+FTPGET: 1")
    assert fetched == data + data
    host.ask("AT+FTPGET?", "OK")
    host.ask("AT+FTPRECV=3000", "+FTPRECV: 0", "OK")
    host.ask('AT+FTPGET="noise",1,1999990', "OK", "+FTPGET: 2", "+FTPGET: 1")
    host.ask("AT+FTPRECV?", "+FTPRECV: 10", "OK")
    host.ask('AT+FTPGET="put",,4', "OK", "+FTPGET: 2", "+FTPGET: 1")
    host.ask("AT+FTPRECV?", "+FTPRECV: 2049", "OK")
    host.ask('AT+FTPGET="noise"', "OK", "+FTPGET: 2")
    host.ask("AT+FTPCLOSE", "OK", "+FTPCLOSE: 1")
    host.ask("AT+FTPRECV?", "+FTPRECV: 0", "OK")
    host.quiet()


if __name__ == "__main__":
    port, root, path, *pairs = sys.argv[1:]
    cases = read_cases(pathlib.Path(path))
    names, ports = pairs[::2], pairs[1::2]
    assert names == list(cases), names
    for name, at in zip(names, ports, strict=True):
        print("==", name, file=sys.stderr)
        example(Host(at), *cases[name])
    host, root = Host(port), pathlib.Path(root)
    tables(host, root)
    transfers(host, root)
