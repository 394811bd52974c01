"""The driver through its Python package: source and sink are file objects.

    package.py WAY PORT SIZE FILE
"""

from __future__ import annotations

import io
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
        with modem.ftp("h", "u", "p") as ftp:
            got = io.BytesIO()
            spent, start = time.process_time(), time.perf_counter()
            if way in ("stor", "put"):
                ftp.put(io.BytesIO(data), "f.bin", via=via, verify="none")
            else:
                ftp.get("f.bin", got, via=via, verify="none")
            print_transfer(start, spent)
            if way in ("retr", "recv") and got.getbuffer() != data:
                raise SystemExit("the file did not arrive as it was")
