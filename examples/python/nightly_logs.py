"""Uploads a folder of logs; one that is cut off goes on where it was, in this run or the next.

    export FTP_PASSWORD=secret
    python3 nightly_logs.py /dev/ttyUSB2 ftp.example.com 21 user /var/log/device

What has arrived is moved to the folder's subfolder "sent".
"""

import os
import pathlib
import sys

import nlftp


def send(ftp: nlftp.Ftp, log: pathlib.Path) -> None:
    # A try that gets the file further starts the count anew: only what does not move at all
    # ends the run.
    transfer = ftp.put(log, log.name, retry=5, retry_max_time=3600)
    for warning in transfer.warnings:
        print(f"{log.name}: {warning}", file=sys.stderr)
    print(f"{log.name}: {transfer.bytes} bytes, from {transfer.resumed_from}")


def main(port: str, host: str, server_port: str, user: str, folder: str) -> None:
    sent = pathlib.Path(folder, "sent")
    sent.mkdir(exist_ok=True)
    with (
        # An unplugged modem is waited for, by whatever name it comes back.
        nlftp.Modem(port, port_timeout=60) as modem,
        modem.ftp(host, user, os.environ["FTP_PASSWORD"], port=int(server_port)) as ftp,
    ):
        for log in sorted(pathlib.Path(folder).glob("*.log")):
            send(ftp, log)
            log.rename(sent / log.name)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except nlftp.Error as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)
