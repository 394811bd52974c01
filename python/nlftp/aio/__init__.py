"""The same modem for asyncio: the same names, to be awaited.

::

    import asyncio
    import nlftp.aio

    async def main() -> None:
        async with nlftp.aio.Modem("/dev/ttyUSB2") as modem:
            await modem.attach("CTNET")
            async with modem.ftp("ftp.example.com", "user", "secret") as ftp:
                await ftp.put("report.csv", "report.csv")

    asyncio.run(main())

No thread is started for a call: the event loop watches one descriptor of the modem's. Files that
are given as paths are opened, read, written and synced by a thread of the modem's; file objects and
buffers, and all callbacks, are used on the loop's thread. Cancelling a task cancels the call that
it awaits: the module is brought back to command mode behind it, which the next call waits for.
"""

from ._files import ReadFile, WriteFile
from ._ftp import Ftp
from ._modem import Modem

__all__ = ["Ftp", "Modem", "ReadFile", "WriteFile"]
