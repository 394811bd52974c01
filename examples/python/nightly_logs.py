"""Uploads a folder of logs; one that is cut off goes on where it was, in this run or the next.

    export FTP_PASSWORD=secret
    python3 nightly_logs.py /dev/ttyUSB2 ftp.example.com 21 user /var/log/device

What has arrived is moved to the folder's subfolder "sent".
"""

import os
import pathlib
import sys

import nlftp

TRIES = 5


def send(modem: nlftp.Modem, ftp: nlftp.Ftp, log: pathlib.Path) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            # Where the port was lost it is opened again, and so is the FTP connection.
            modem.reopen()
            transfer = ftp.put(log, log.name, resume=True)
        except nlftp.Error as error:
            print(f"{log.name}, try {attempt} of {TRIES}: {error}", file=sys.stderr)
            if attempt == TRIES:
                raise
        else:
            print(f"{log.name}: {transfer.bytes} bytes, from {transfer.resumed_from}")
            return


def main(port: str, host: str, server_port: str, user: str, folder: str) -> None:
    sent = pathlib.Path(folder, "sent")
    sent.mkdir(exist_ok=True)
    with (
        nlftp.Modem(port) as modem,
        modem.ftp(host, user, os.environ["FTP_PASSWORD"], port=int(server_port)) as ftp,
    ):
        for log in sorted(pathlib.Path(folder).glob("*.log")):
            send(modem, ftp, log)
            log.rename(sent / log.name)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except nlftp.Error as error:
        sys.exit(error.exit_status)
