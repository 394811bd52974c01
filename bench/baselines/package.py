"""The driver through its Python package: source and sink are bytes in memory, as Rust's source is.

    package.py WAY PORT SIZE FILE
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nlftp
from cost import print_commands, print_transfer

way, name, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
via = "block" if way in ("recv", "put") else "stream"

with nlftp.Modem(name) as modem:
    if way == "at":
        print_commands(size, lambda: modem.command("AT"))
    else:
        data = Path(sys.argv[4]).read_bytes()[:size]
        # Written once, so that its pages are there.
        got = bytearray(b"\xff") * size
        with modem.ftp("h", "u", "p") as ftp:
            spent, start = time.process_time(), time.perf_counter()
            if way in ("stor", "put"):
                ftp.put(data, "f.bin", via=via, verify="none")
            else:
                ftp.get("f.bin", memoryview(got), via=via, verify="none")
            print_transfer(start, spent)
            if way in ("retr", "recv") and got != data:
                raise SystemExit("the file did not arrive as it was")
