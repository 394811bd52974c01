"""Uploads a folder's files through several modems at once, in one thread.

export FTP_PASSWORD=secret
python3 asyncio_two_modems.py ftp.example.com 21 user FOLDER /dev/ttyUSB2 /dev/ttyUSB6
"""

import asyncio
import os
import pathlib
import sys

import nlftp.aio


async def upload(
    port: str, host: str, server_port: str, user: str, files: "asyncio.Queue[pathlib.Path]"
) -> None:
    password = os.environ["FTP_PASSWORD"]
    async with (
        nlftp.aio.Modem(port) as modem,
        modem.ftp(host, user, password, port=int(server_port)) as ftp,
    ):
        while not files.empty():
            file = files.get_nowait()
            transfer = await ftp.put(file, file.name)
            print(f"{port}: {file.name}, {transfer.bytes} bytes")


async def main(host: str, server_port: str, user: str, folder: str, *ports: str) -> None:
    files: asyncio.Queue[pathlib.Path] = asyncio.Queue()
    for file in sorted(pathlib.Path(folder).iterdir()):
        files.put_nowait(file)
    # If one fails, the other one's upload is cancelled.
    async with asyncio.TaskGroup() as group:
        for port in ports:
            group.create_task(upload(port, host, server_port, user, files))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
