"""Tests of a gateway's firmware: what it does with a modem, and when something goes wrong.

    pytest test_gateway.py            each test has a virtual modem and an FTP server of its own
    pytest -n 4 test_gateway.py       in parallel, with pytest-xdist
    pytest --nlftp-port /dev/ttyUSB2 --nlftp-server ftp://user:pass@host/ test_gateway.py

The firmware is nightly_logs.py here: put your own program in its place.
"""

import os
import pathlib
import subprocess
import sys

import pytest

import nlftp
from nlftp.sim import Server, VirtualModem

FIRMWARE = [sys.executable, str(pathlib.Path(__file__).with_name("nightly_logs.py"))]
LOG = bytes(range(256)) * 1000


def run(port: str, server: Server, folder: pathlib.Path) -> int:
    (folder / "device.log").write_bytes(LOG)
    arguments = [port, server.host, str(server.port), server.user, str(folder)]
    environment = os.environ | {"FTP_PASSWORD": server.password}
    return subprocess.run([*FIRMWARE, *arguments], env=environment).returncode


def test_logs_arrive_whole(nlftp_sim: VirtualModem, tmp_path: pathlib.Path) -> None:
    assert run(nlftp_sim.port, nlftp_sim.server, tmp_path) == 0
    assert (nlftp_sim.root / "device.log").read_bytes() == LOG
    assert (tmp_path / "sent" / "device.log").exists()


@pytest.mark.nlftp_sim(cut_after=90_000)
def test_what_is_cut_off_goes_on(nlftp_sim: VirtualModem, tmp_path: pathlib.Path) -> None:
    assert run(nlftp_sim.port, nlftp_sim.server, tmp_path) == 0
    assert (nlftp_sim.root / "device.log").read_bytes() == LOG


@pytest.mark.nlftp_sim(detached=True)
def test_without_a_network_logs_stay(nlftp_sim: VirtualModem, tmp_path: pathlib.Path) -> None:
    assert run(nlftp_sim.port, nlftp_sim.server, tmp_path) != 0
    assert (tmp_path / "device.log").exists()


def test_the_modem_and_the_server_of_this_site(nlftp_ftp: nlftp.Ftp) -> None:
    nlftp_ftp.put(LOG, "device.log")
    found = bytearray()
    nlftp_ftp.get("device.log", found)
    assert found == LOG
