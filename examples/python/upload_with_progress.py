"""Uploads a file and shows how far it is.

export FTP_PASSWORD=secret
python3 upload_with_progress.py /dev/ttyUSB2 ftp.example.com 21 user FILE
"""

import os
import pathlib
import sys

import nlftp


def show(done: int, total: int | None) -> None:
    share = f"{done / total:4.0%}  " if total else ""
    print(f"\r{share}{done:,} bytes", end="", file=sys.stderr, flush=True)


def main(port: str, host: str, server_port: str, user: str, file: str) -> None:
    name = pathlib.Path(file).name
    with (
        nlftp.Modem(port) as modem,
        modem.ftp(host, user, os.environ["FTP_PASSWORD"], port=int(server_port)) as ftp,
    ):
        # A bar of tqdm's does as well: progress=tqdm(unit="B", unit_scale=True)
        transfer = ftp.put(file, name, progress=show)
    print(file=sys.stderr)
    print(f"{name}: {transfer.bytes:,} bytes in {transfer.seconds:.1f} s by {transfer.via}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except nlftp.Error as error:
        print(f"\n{error}", file=sys.stderr)
        sys.exit(error.exit_status)
