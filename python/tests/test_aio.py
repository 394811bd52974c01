"""The modem for asyncio."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import data

import nlftp
import nlftp.aio
from nlftp.sim import VirtualModem


def login(modem: nlftp.aio.Modem, sim: VirtualModem) -> Any:
    """A login that is to be awaited or entered."""
    return modem.ftp(sim.host, sim.user or "", sim.password or "", port=sim.server_port)


def remote(sim: VirtualModem, name: str) -> Path:
    """A file of the server's."""
    assert sim.root is not None
    return sim.root / name


def test_everything_by_awaiting(sim: VirtualModem, tmp_path: Path) -> None:
    content = data(300_000)
    path = tmp_path / "file"
    path.write_bytes(content)

    async def main() -> None:
        async with nlftp.aio.Modem(sim.port) as modem:
            assert await modem.command("AT") == []
            await modem.attach()
            assert (await modem.info()).model == "NL668"
            async with login(modem, sim) as ftp:
                assert (await ftp.put(path, "path")).verified == "size"
                assert (await ftp.put(content, "bytes", via="block")).bytes == 300_000
                with path.open("rb") as file:
                    await ftp.put(file, "file")
                for name in ("path", "bytes", "file"):
                    assert remote(sim, name).read_bytes() == content
                    sink = bytearray()
                    await ftp.get(name, sink)
                    assert sink == content
                await ftp.get("path", tmp_path / "back")
                assert (tmp_path / "back").read_bytes() == content
                await ftp.mkd("folder")
                await ftp.cwd("folder")
                assert await ftp.pwd() == "/folder"
                await ftp.cdup()
                assert len(await ftp.list()) == 4
                await ftp.rename("path", "renamed")
                await ftp.delete("renamed")
                await ftp.rmd("folder")
                assert await ftp.stat()
                assert await ftp.syst()
                await ftp.noop()
                assert await ftp.is_connected()
            assert modem.state == "ready"
            await modem.detach()
        assert modem.closed
        with pytest.raises(nlftp.Closed):
            await modem.command("AT")

    before = threading.active_count()
    asyncio.run(main())
    assert threading.active_count() == before


def test_tasks_are_served_one_after_the_other_and_modems_at_once(sim: VirtualModem) -> None:
    content = data(100_000)

    async def main() -> None:
        with VirtualModem() as second:
            async with (
                nlftp.aio.Modem(sim.port) as one,
                nlftp.aio.Modem(second.port) as other,
                login(one, sim) as first_ftp,
                login(other, second) as second_ftp,
            ):
                await asyncio.gather(
                    *(first_ftp.put(content, f"file{number}") for number in range(3)),
                    *(second_ftp.put(content, f"file{number}") for number in range(3)),
                )
            for number in range(3):
                for modem in (sim, second):
                    assert remote(modem, f"file{number}").read_bytes() == content

    asyncio.run(main())


def test_cancelling_a_task_cancels_the_transfer(sim: VirtualModem) -> None:
    async def main() -> None:
        async with nlftp.aio.Modem(sim.port) as modem, login(modem, sim) as ftp:
            moved = asyncio.Event()

            class Endless:
                def read(self, size: int) -> bytes:
                    moved.set()
                    return bytes(size)

            for _ in range(2):
                moved.clear()
                task = asyncio.ensure_future(ftp.put(Endless(), "endless"))
                await moved.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert await ftp.pwd() == "/"
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await ftp.put(Endless(), "endless")
            assert await modem.command("AT") == []

    asyncio.run(main())


def test_remote_files(sim: VirtualModem) -> None:
    content = data(300_000)

    async def main() -> None:
        async with nlftp.aio.Modem(sim.port) as modem, login(modem, sim) as ftp:
            async with ftp.open_write("file") as out:
                assert await out.write(content) == len(content)
            assert out.transfer is not None
            assert out.transfer.verified == "size"
            assert remote(sim, "file").read_bytes() == content
            async with ftp.open_read("file") as file:
                assert b"".join([block async for block in file]) == content
            assert file.transfer is not None
            async with ftp.open_read("file") as file:
                assert await file.read(5) == content[:5]
                assert await file.read() == content[5:]
                assert await file.read() == b""
            async with ftp.open_read("file") as file:
                assert await file.read(5)
            assert file.transfer is None
            assert await ftp.pwd() == "/"
            with pytest.raises(KeyError):
                async with ftp.open_write("half") as out:
                    await out.write(b"half")
                    raise KeyError
            assert await ftp.pwd() == "/"
            assert not remote(sim, "half").exists()
            with pytest.raises(nlftp.Refused):
                async with ftp.open_read("missing") as file:
                    await file.read()
            async with ftp.open_write("empty"):
                pass
            assert remote(sim, "empty").read_bytes() == b""

    asyncio.run(main())


def test_errors_and_callbacks(sim: VirtualModem, tmp_path: Path) -> None:
    async def main() -> None:
        async with nlftp.aio.Modem(sim.port) as modem, login(modem, sim) as ftp:
            with pytest.raises(nlftp.Refused):
                await ftp.cwd("missing")
            with pytest.raises(nlftp.LocalFileError):
                await ftp.put(tmp_path / "missing", "x")
            with pytest.raises(TypeError):
                await ftp.put(5, "x")
            with pytest.raises(ZeroDivisionError):
                await ftp.put(data(100_000), "x", progress=lambda *_: 1 // 0)
            seen: list[tuple[int, int | None]] = []
            await ftp.put(data(100_000), "x", progress=lambda *told: seen.append(told))
            assert seen[-1] == (100_000, 100_000)

            lines: asyncio.Queue[str] = asyncio.Queue()
            modem.on_urc(lines.put_nowait)
            sim.send_urc("+CREG: 5")
            assert await lines.get() == "+CREG: 5"

            told: asyncio.Queue[Any] = asyncio.Queue()
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _, context: told.put_nowait(context["exception"]))

            def broken(_: str) -> None:
                raise KeyError

            modem.on_urc(broken)
            sim.send_urc("+CREG: 5")
            assert isinstance(await told.get(), KeyError)
            modem.on_urc(None)
            assert await modem.command("AT") == []

    asyncio.run(main())


def test_a_modem_belongs_to_its_loop(sim: VirtualModem) -> None:
    modem = nlftp.aio.Modem(sim.port)

    async def main() -> None:
        assert await modem is modem
        await modem.command("AT")

        def other() -> None:
            async def use() -> None:
                with pytest.raises(RuntimeError, match="another event loop"):
                    await modem.command("AT")

            asyncio.run(use())

        await asyncio.get_running_loop().run_in_executor(None, other)
        await modem.close()
        await modem.close()

    asyncio.run(main())


def test_a_lost_port(sim: VirtualModem) -> None:
    async def main() -> None:
        async with nlftp.aio.Modem(sim.port) as modem:
            states: asyncio.Queue[str] = asyncio.Queue()
            modem.on_state(states.put_nowait)
            sim.hang_up()
            with pytest.raises(nlftp.PortLost):
                while True:
                    await modem.command("AT")
            while await states.get() != "lost":
                pass
            with pytest.raises(nlftp.PortLost):
                await modem.reopen()

    asyncio.run(main())
