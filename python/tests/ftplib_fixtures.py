"""A virtual modem, and nlftp.FTP logged in through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import nlftp
from nlftp import FTP
from nlftp.sim import VirtualModem


@pytest.fixture
def sim() -> Iterator[VirtualModem]:
    """A virtual modem with a server and a folder."""
    with VirtualModem() as sim:
        yield sim


@pytest.fixture
def modem(sim: VirtualModem) -> Iterator[nlftp.Modem]:
    """The modem, its port open."""
    with nlftp.Modem(sim.port) as modem:
        yield modem


@pytest.fixture
def ftp(sim: VirtualModem, modem: nlftp.Modem) -> Iterator[FTP]:
    """A client that is logged in."""
    with FTP(modem) as ftp:
        ftp.connect(sim.host, sim.server_port)
        ftp.login(sim.user, sim.password)
        yield ftp


def sent(sim: VirtualModem, *names: str) -> list[str]:
    """The command lines of these commands that the modem got."""
    wanted = tuple(f"AT+{name}" for name in names)
    return [line for line in sim.commands if line.startswith(wanted)]
