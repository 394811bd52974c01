"""A virtual modem for each test, and what most tests begin with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import nlftp
from nlftp.sim import VirtualModem


class Rig:
    """A virtual modem with its server and its folder, and a modem that is open on it."""

    def __init__(self, sim: VirtualModem) -> None:
        self.sim = sim
        self.modem = nlftp.Modem(sim.port)
        self.modem.attach()

    @property
    def root(self) -> Path:
        """The server's folder."""
        root = self.sim.root
        assert root is not None
        return root

    def login(self) -> nlftp.Ftp:
        """Opens the FTP connection."""
        sim = self.sim
        return self.modem.ftp(sim.host, sim.user or "", sim.password or "", port=sim.server_port)


@pytest.fixture
def sim() -> Iterator[VirtualModem]:
    """A virtual modem."""
    with VirtualModem() as sim:
        yield sim


@pytest.fixture
def rig(sim: VirtualModem) -> Iterator[Rig]:
    """A virtual modem, and a modem that is open on it."""
    rig = Rig(sim)
    yield rig
    rig.modem.close()


@pytest.fixture
def ftp(rig: Rig) -> nlftp.Ftp:
    """An FTP connection."""
    return rig.login()


def data(size: int, seed: int = 1) -> bytes:
    """Bytes of all values, more often than others those that the codec treats specially."""
    source = random.Random(seed)
    special = bytes([0x03, 0x10, 0x0D, 0x0A, 0x00])
    return bytes(
        source.choice(special) if source.random() < 0.1 else source.randrange(256)
        for _ in range(size)
    )
