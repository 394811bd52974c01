"""No secret is in what the package says: in no repr, exception, traceback, log or trace."""

from __future__ import annotations

import io
import logging
import pickle
import traceback
import urllib.parse
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import nlftp
from nlftp.sim import VirtualModem

PASSWORD = "Hasenpfeffer&7"
ACCOUNT = "Kontokorrent+9"
ACCESS = "Zugangswort=5"
SECRETS = (PASSWORD, ACCOUNT, ACCESS)


class Said:
    """All that was said, by whomever."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, *things: object) -> None:
        """Adds things as they are printed and as they are shown."""
        for thing in things:
            self.text += f"{thing}\n{thing!r}\n"

    def attempt(self, call: Callable[[], Any]) -> Any:
        """Calls, and adds what came of it."""
        try:
            result = call()
        except Exception as error:
            self.add(error, error.args, pickle.dumps(error), vars(error))
            self.text += "".join(traceback.format_exception(error))
            return None
        self.add(result)
        return result

    def check(self) -> None:
        """Looks for the secrets in every form."""
        for secret in SECRETS:
            for form in (
                secret,
                secret.encode().hex(),
                secret.encode().hex().upper(),
                urllib.parse.quote(secret, safe=""),
                "".join(f"%{byte:02X}" for byte in secret.encode()),
            ):
                lines = [line for line in self.text.splitlines() if form in line]
                assert not lines, f"{secret} as {form}"


@contextmanager
def everything_said(folder: Path) -> Iterator[Said]:
    """What is printed, logged and warned of, too."""
    said = Said()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("nlftp")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(1)
    try:
        with (
            redirect_stdout(stream),
            redirect_stderr(stream),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            yield said
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    said.add(*[warning.message for warning in warned])
    said.text += stream.getvalue()
    for file in folder.iterdir():
        said.text += file.read_bytes().decode("utf-8", "replace")


@pytest.fixture
def guarded() -> Iterator[VirtualModem]:
    """A modem that has to be attached with a login, and a server with another one."""
    with VirtualModem(
        detached=True, apn_user="user", apn_password=ACCESS, password=PASSWORD
    ) as sim:
        yield sim


def test_no_secret_in_anything_that_is_said(guarded: VirtualModem, tmp_path: Path) -> None:
    with everything_said(tmp_path) as said:
        modem = nlftp.Modem(guarded.port, trace=tmp_path / "trace")
        modem.on_urc(said.add)
        said.add(modem, guarded)
        modem.command("ATE1")
        said.attempt(lambda: modem.attach("apn", "user", PASSWORD))
        said.attempt(lambda: modem.attach("apn", "user", ACCESS))

        def login(**changes: Any) -> nlftp.Ftp:
            settings = {"port": guarded.server_port, "account": None} | changes
            passwd = settings.pop("passwd", PASSWORD)
            return modem.ftp(guarded.host, guarded.user, passwd, **settings)

        # Wrong in every way, and then right.
        said.attempt(lambda: login(passwd=ACCOUNT, account=ACCESS))
        said.attempt(lambda: login(tls=True))
        said.attempt(lambda: login(passwd=PASSWORD + '"'))
        said.attempt(lambda: login(passwd=PASSWORD * 30))
        said.attempt(lambda: login(account=ACCOUNT + "\r\n"))
        said.attempt(lambda: login(passwd=5))
        said.attempt(lambda: modem.command(f'AT+FTPOPEN="h","u","{PASSWORD}"'))
        said.attempt(lambda: modem.command(f'AT+FTPOPEN="h","u","{PASSWORD}"\r'))
        said.attempt(lambda: modem.command(f'AT+CGAUTH=1,1,"u","{ACCESS}"'))
        ftp = login(account=ACCOUNT)
        said.add(ftp, vars(modem), dir(ftp))
        ftp.on_info(said.add)
        ftp.noop()
        said.attempt(lambda: ftp.cwd("nowhere"))
        said.attempt(lambda: ftp.put(b"abc", "f", progress=said.add))
        said.attempt(lambda: ftp.get("f", io.BytesIO(), progress=said.add))
        said.attempt(lambda: ftp.get("missing", tmp_path / "f"))
        said.attempt(ftp.list)
        ftp.close()
        said.add(ftp)
        modem.close()
        said.add(modem)
    assert "AT+FTPOPEN" in said.text
    assert "***" in said.text
    said.check()


def test_no_secret_in_what_the_interface_of_ftplib_says(
    guarded: VirtualModem, tmp_path: Path
) -> None:
    with everything_said(tmp_path) as said, nlftp.Modem(guarded.port) as modem:
        modem.attach("apn", "user", ACCESS)
        ftp = nlftp.FTP(modem)
        ftp.set_debuglevel(2)
        ftp.connect(guarded.host, guarded.server_port)
        said.attempt(lambda: ftp.login(guarded.user, ACCOUNT, ACCESS))
        said.attempt(lambda: ftp.login(guarded.user, PASSWORD, ACCOUNT))
        said.add(ftp, ftp.getwelcome())
        said.attempt(ftp.pwd)
        said.attempt(lambda: ftp.cwd("nowhere"))
        said.attempt(lambda: ftp.sendcmd(f"PASS {PASSWORD}"))
        said.attempt(lambda: ftp.storbinary("STOR f", io.BytesIO(b"abc")))
        said.attempt(ftp.quit)
        said.add(ftp)
    said.check()
