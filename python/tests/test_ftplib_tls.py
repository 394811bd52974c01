"""nlftp.FTP_TLS: what it asks of the module, and what is explained.

Transfers over TLS are CPython's tests of ftplib: see test_cpython_ftplib.py.
"""

from __future__ import annotations

import ftplib
import ssl
from collections.abc import Callable

import pytest
from ftplib_fixtures import modem, sent, sim

import nlftp
from nlftp import FTP, FTP_TLS
from nlftp.sim import VirtualModem

__all__ = ["modem", "sim"]


def flags(sim: VirtualModem) -> list[tuple[str, str]]:
    """The port and the TLS flag of each FTPOPEN."""
    fields = [line.split(",") for line in sent(sim, "FTPOPEN=")]
    return [(one[5], one[7]) if len(one) == 8 else ("", "0") for one in fields]


def test_login_is_secure_by_default(sim: VirtualModem, modem: nlftp.Modem) -> None:
    ftp = FTP_TLS(modem)
    assert ftp.port == 990
    ftp.connect("ftp.example.com")
    # Nothing says to this modem whom to trust: it refuses, and nothing goes in clear text.
    with pytest.raises(ftplib.error_perm, match=r"^530 .*TLS or its certificates"):
        ftp.login("user", "secret")
    with pytest.raises(ftplib.error_perm, match=r"^530 "):
        ftp.login("user", "secret")
    ftp.connect("ftp.example.com", 21)
    with pytest.raises(ftplib.error_perm, match=r"^530 "):
        ftp.login("user", "secret")
    assert flags(sim) == [("990", "1"), ("990", "1"), ("21", "1")]


def test_a_constructor_with_a_user_is_secure(sim: VirtualModem, modem: nlftp.Modem) -> None:
    with pytest.raises(ftplib.error_perm, match=r"^530 "):
        FTP_TLS(modem, "h", "user", "secret")
    assert flags(sim) == [("990", "1")]


def test_clear_text_where_it_is_asked_for(sim: VirtualModem, modem: nlftp.Modem) -> None:
    with FTP_TLS(modem) as ftp:
        ftp.connect(sim.host, sim.server_port)
        ftp.login(sim.user, sim.password, secure=False)
        assert ftp.pwd() == "/"
        for call, code in ((ftp.auth, "503"), (ftp.prot_p, "503"), (ftp.prot_c, "536")):
            with pytest.raises(ftplib.error_perm, match=rf"^{code} "):
                call()
        with pytest.raises(ValueError, match="TLS is not used"):
            ftp.ccc()
    assert [line.split(",")[-1] for line in sent(sim, "FTPOPEN=")] == ["0"]


def test_what_is_asked_for_before_the_login(sim: VirtualModem, modem: nlftp.Modem) -> None:
    ftp = FTP_TLS(modem)
    with pytest.raises(nlftp.NotConnected, match=r"^421 "):
        ftp.auth()
    ftp.connect("h")
    before = sim.commands
    assert ftp.auth().startswith("234 ")
    assert ftp.prot_p().startswith("200 ")
    refused: list[Callable[[], object]] = [ftp.prot_c, ftp.ccc]
    for call in refused:
        with pytest.raises(ftplib.error_perm, match=r"^53"):
            call()
    with pytest.raises(ValueError, match="TLS is used already"):
        ftp.auth()
    assert sim.commands == before
    # A new connection begins without it.
    ftp.connect("h")
    assert ftp.auth().startswith("234 ")


def test_a_context_has_no_place(modem: nlftp.Modem) -> None:
    context = ssl.create_default_context()
    with pytest.raises(ftplib.error_perm, match=r"^502 context"):
        FTP_TLS(modem, context=context)  # type: ignore[arg-type]


def test_it_is_an_ftp(modem: nlftp.Modem) -> None:
    assert isinstance(FTP_TLS(modem), FTP)
    assert FTP.port == 21
