"""Sends the day's reports and fetches new settings, over the machine's own network.

ftplib_script.py is the same through a modem: two lines are other ones.

    export FTP_PASSWORD=secret
    python3 ftplib_script_before.py ftp.example.com 21 user reports/ settings.ini
"""

import ftplib
import os
import pathlib
import sys


def main(host: str, port: str, user: str, reports: str, settings: str) -> int:
    with ftplib.FTP() as ftp:
        ftp.connect(host, int(port))
        ftp.login(user, os.environ["FTP_PASSWORD"])
        try:
            ftp.cwd("reports")
        except ftplib.error_perm:
            ftp.mkd("reports")
            ftp.cwd("reports")
        there = ftp.nlst()
        for report in sorted(pathlib.Path(reports).iterdir()):
            if report.name in there:
                continue
            try:
                with report.open("rb") as file:
                    ftp.storbinary(f"STOR {report.name}", file)
            except ftplib.error_perm as error:
                print(f"{report.name} is refused: {error}", file=sys.stderr)
                continue
            print(f"{report.name}: {ftp.size(report.name)} bytes")
        ftp.cwd("..")
        lines: list[str] = []
        ftp.retrlines("RETR settings.ini", lines.append)
        pathlib.Path(settings).write_text("\n".join(lines) + "\n")
        print(f"{settings}: {len(lines)} lines")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except ftplib.all_errors as error:
        sys.exit(f"{type(error).__name__}: {error}")
