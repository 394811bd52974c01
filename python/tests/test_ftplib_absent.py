"""What ftplib has and nlftp.FTP has not: explained, and nothing forgotten."""

from __future__ import annotations

import ftplib
import inspect
from typing import Any

import pytest
from ftplib_fixtures import ftp, modem, sim

import nlftp
from nlftp import FTP, FTP_TLS

__all__ = ["ftp", "modem", "sim"]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("transfercmd", ("RETR x",)),
        ("ntransfercmd", ("RETR x", 5)),
        ("makeport", ()),
        ("makepasv", ()),
        ("sendport", ("h", 1)),
        ("sendeprt", ("h", 1)),
        ("putline", ("x",)),
        ("putcmd", ("x",)),
        ("getline", ()),
        ("getmultiline", ()),
        ("getresp", ()),
        ("voidresp", ()),
        ("acct", ("x",)),
    ],
)
def test_methods_that_are_explained(ftp: FTP, method: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(
        ftplib.error_perm, match=r"^502 .*; use|^502 .*give|^502 .*set_pasv"
    ) as caught:
        getattr(ftp, method)(*arguments)
    assert isinstance(caught.value, ftplib.all_errors)
    assert isinstance(caught.value, nlftp.Error)
    assert isinstance(caught.value, NotImplementedError)


def test_there_is_no_socket(ftp: FTP) -> None:
    assert ftp.sock is not None
    assert ftp.file is None
    assert not hasattr(ftp.sock, "settimeout")
    with pytest.raises(ftplib.error_perm, match=r"^502 sock\.setsockopt"):
        ftp.sock.setsockopt(1, 2, 3)
    assert "no socket" in repr(ftp.sock)


def test_every_name_of_ftplib_is_there() -> None:
    absent = {name for name in dir(ftplib.FTP) if not hasattr(FTP, name)}
    assert absent == {"trust_server_pasv_ipv4_address"}
    absent = {name for name in dir(ftplib.FTP_TLS) if not hasattr(FTP_TLS, name)}
    # The class' protocol version is gone in later versions of Python.
    assert absent - {"ssl_version"} == {"trust_server_pasv_ipv4_address"}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, method in inspect.getmembers(ftplib.FTP, inspect.isfunction)
        if not name.startswith("_")
    ],
)
def test_arguments_are_those_of_ftplib(name: str) -> None:
    theirs = list(inspect.signature(getattr(ftplib.FTP, name)).parameters.values())
    ours = list(inspect.signature(getattr(FTP, name)).parameters.values())
    assert [(one.name, one.kind) for one in ours] == [(one.name, one.kind) for one in theirs]
