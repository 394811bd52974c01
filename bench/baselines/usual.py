"""What a Python script does today with pyserial: readline for lines, in_waiting and a loop by bytes for data.

    usual.py WAY PORT SIZE FILE
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import serial
from cost import print_commands, print_transfer

way, name, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
port = serial.Serial(name, 115200, timeout=5)


def send(command: str) -> None:
    """Sends a command line."""
    port.write(command.encode() + b"\r")


def expect(wanted: str) -> str:
    """Takes lines up to one that begins with what is wanted."""
    while True:
        line = port.readline()
        if not line:
            raise SystemExit("no answer")
        text = line.strip().decode("latin-1")
        if text.startswith(wanted):
            return text
        if "ERROR" in text:
            raise SystemExit(text)


def command() -> None:
    """One command and its reply."""
    send("AT")
    expect("OK")


def retrieve() -> bytes:
    """FTPRETR."""
    send('AT+FTPRETR="f.bin"')
    expect("OK")
    expect("+FTPRETR: 2")
    out = bytearray()
    escaped = ended = False
    rest = b""
    while not ended:
        chunk = port.read(port.in_waiting or 1)
        for at, byte in enumerate(chunk):
            if escaped:
                out.append(byte)
                escaped = False
            elif byte == 0x10:
                escaped = True
            elif byte == 0x03:
                ended = True
                rest = chunk[at + 1 :]
                break
            else:
                out.append(byte)
    while b"+FTPRETR: 1\r\n" not in rest:
        rest += port.read(port.in_waiting or 1)
    return bytes(out)


def store(data: bytes) -> None:
    """FTPSTOR."""
    send('AT+FTPSTOR="f.bin"')
    expect("OK")
    expect("+FTPSTOR: 2")
    for at in range(0, len(data), 1024):
        part = bytearray()
        for byte in data[at : at + 1024]:
            if byte in (0x03, 0x10):
                part.append(0x10)
            part.append(byte)
        port.write(part)
    port.write(b"\x03")
    expect("+FTPSTOR: 1")


def receive() -> bytes:
    """FTPGET and FTPRECV."""
    send('AT+FTPGET="f.bin"')
    expect("OK")
    expect("+FTPGET: 1")
    out = bytearray()
    while True:
        send("AT+FTPRECV=3000")
        count = int(expect("+FTPRECV:").split(":")[1])
        out += port.read(count)
        expect("OK")
        if count == 0:
            return bytes(out)


def put(data: bytes) -> None:
    """FTPPUT."""
    for at in range(0, len(data), 1024):
        piece = data[at : at + 1024]
        last = int(at + 1024 >= len(data))
        send(f'AT+FTPPUT="f.bin",{len(piece)},{last}')
        expect("+FTPPUT: 2")
        port.write(piece)
        expect("OK")
    expect("+FTPPUT: 1")


def main() -> None:
    """Does what is asked."""
    if way == "at":
        print_commands(size, command)
        return
    data = Path(sys.argv[4]).read_bytes()[:size]
    got = data
    spent, start = time.process_time(), time.perf_counter()
    if way == "retr":
        got = retrieve()
    elif way == "recv":
        got = receive()
    elif way == "stor":
        store(data)
    else:
        put(data)
    print_transfer(start, spent)
    if got != data:
        raise SystemExit("the file did not arrive as it was")


main()
