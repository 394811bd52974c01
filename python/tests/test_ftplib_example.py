"""The script of ftplib's that was moved over, before and after, and the page that explains it."""

from __future__ import annotations

import difflib
import ftplib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nlftp.sim import VirtualModem

REPOSITORY = Path(__file__).parents[2]
BEFORE = REPOSITORY / "examples" / "python" / "ftplib_script_before.py"
AFTER = REPOSITORY / "examples" / "python" / "ftplib_script.py"


def code(script: Path) -> list[str]:
    """The lines behind the first comment that say something."""
    lines = script.read_text().split('"""', 2)[2].splitlines()
    return [line for line in lines if line]


def test_two_lines_are_other_ones() -> None:
    changes = [line for line in difflib.ndiff(code(BEFORE), code(AFTER)) if line[0] in "+-"]
    assert [line[0] for line in changes] == ["+", "-", "+"]
    assert changes[0] == "+ import nlftp"


@pytest.mark.parametrize("script", [BEFORE, AFTER], ids=["before", "after"])
def test_the_script_runs(script: Path, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "monday.csv").write_bytes(b"a;b\n" * 1000)
    (reports / "tuesday.csv").write_bytes(b"\x03\x10")
    settings = tmp_path / "settings.ini"
    with VirtualModem() as sim:
        (sim.root / "settings.ini").write_text("[modem]\nport = 2\n")
        environment = {**os.environ, "NLFTP_PORT": sim.port, "FTP_PASSWORD": sim.password}
        where = (sim.host, str(sim.server_port), sim.user, str(reports), str(settings))

        def run() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, script, *where],
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
            )

        first = run()
        assert first.stderr == ""
        assert first.stdout.splitlines() == [
            "monday.csv: 4000 bytes",
            "tuesday.csv: 2 bytes",
            f"{settings}: 2 lines",
        ]
        assert settings.read_text() == "[modem]\nport = 2\n"
        assert (sim.root / "reports" / "monday.csv").read_bytes() == b"a;b\n" * 1000
        # What is there is not sent again.
        assert run().stdout.splitlines() == [f"{settings}: 2 lines"]
        environment["FTP_PASSWORD"] = "wrong"
        failed = run()
        assert failed.returncode == 1
        assert ": 530 " in failed.stderr


def test_the_page_has_every_name_of_ftplib() -> None:
    page = (REPOSITORY / "docs" / "ftplib.md").read_text()
    names = {name for name in (*dir(ftplib.FTP), *dir(ftplib.FTP_TLS)) if name[0] != "_"}
    assert {name for name in names if f"`{name}" not in page} == set()
