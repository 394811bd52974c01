"""Fixtures for pytest: a modem with a server in every test, virtual or real.

They are there as soon as nlftp is installed. Without options every test gets a virtual modem with
an FTP server and a folder of its own, so that tests run in parallel with pytest-xdist::

    def test_report_arrives(nlftp_sim, nlftp_ftp):
        nlftp_ftp.put(b"all is well", "report.txt")
        assert (nlftp_sim.root / "report.txt").read_bytes() == b"all is well"

Fixtures:
    nlftp_sim: the virtual modem, an nlftp.sim.VirtualModem.
    nlftp_port: the path of the modem's port, for a program under test to open.
    nlftp_server: the FTP server, an nlftp.sim.Server with host, port, user and password.
    nlftp_modem: an nlftp.Modem that has the port open.
    nlftp_ftp: its FTP connection, logged in, an nlftp.Ftp.

Markers:
    @pytest.mark.nlftp_sim(**options): options of the virtual modem, as VirtualModem takes them:
        ``@pytest.mark.nlftp_sim(dtr="absent", failures={"FTPCWD": 628})``.
    @pytest.mark.nlftp_modem(**settings): settings of nlftp_modem, as nlftp.Modem takes them.

Command line options:
    --nlftp-port PATH: a real modem; repeated, several. Each is used by one process at a time, for
        its whole run; where there are more xdist workers than ports, they wait. Tests that are
        about the virtual modem (nlftp_sim with one of the other fixtures, or a marker nlftp_sim)
        are skipped.
    --nlftp-server ftp[s]://user:pass@host:port/directory: a server for all tests, which a real
        modem needs; on it nlftp_ftp stands in a directory of the test's own, deleted at the end.
    --nlftp-baudrate, --nlftp-flow: settings of real ports.
    --nlftp-apn: the access point that nlftp_modem attaches to first.

A failed test shows the last lines of the port's traffic, passwords masked.
"""

from __future__ import annotations

import contextlib
import pathlib
import uuid
import warnings
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import pytest

from ._errors import Error
from ._modem import Modem
from ._pytest_ports import Ports
from ._pytest_traffic import Traffic, section
from .sim import Server, VirtualModem

if TYPE_CHECKING:
    from ._ftp import Ftp

__all__ = ["nlftp_ftp", "nlftp_modem", "nlftp_port", "nlftp_server", "nlftp_sim"]

_PORTS = pytest.StashKey[Ports]()
_SERVER = pytest.StashKey[Server | None]()
_TRAFFIC = pytest.StashKey[Traffic]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nlftp", "modems that move files over FTP")
    group.addoption(
        "--nlftp-port",
        action="append",
        default=[],
        metavar="PATH",
        help="a real modem's port in place of virtual modems; may be repeated",
    )
    group.addoption(
        "--nlftp-server",
        metavar="URL",
        help="an FTP server for all tests: ftp[s]://user:pass@host:port/directory",
    )
    group.addoption(
        "--nlftp-baudrate", type=int, metavar="N", help="bits per second of real ports (115200)"
    )
    group.addoption(
        "--nlftp-flow",
        choices=["rtscts", "xonxoff", "none"],
        help="flow control of real ports (rtscts)",
    )
    group.addoption("--nlftp-apn", metavar="APN", help="the access point to attach to first")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "nlftp_sim(**options): options of the virtual modem (nlftp.sim.VirtualModem)"
    )
    config.addinivalue_line(
        "markers", "nlftp_modem(**settings): settings of the fixture nlftp_modem (nlftp.Modem)"
    )
    ports = Ports(config.getoption("nlftp_port"))
    config.stash[_PORTS] = ports
    config.add_cleanup(ports.release)
    url = config.getoption("nlftp_server")
    config.stash[_SERVER] = None if url is None else parse_server(url)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    traffic = item.stash.get(_TRAFFIC, None)
    if traffic is not None and report.failed:
        lines = traffic.lines()
        if lines:
            everything = item.config.get_verbosity() >= 2
            report.sections.append(("nlftp traffic", section(lines, everything)))
    return report


@pytest.fixture
def nlftp_sim(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VirtualModem]:
    """A virtual modem with an FTP server and a folder of its own (nlftp.sim.VirtualModem)."""
    options = _marked(request, "nlftp_sim")
    server = request.config.stash[_SERVER]
    if "server" not in options:
        if server is None:
            options.setdefault("root", tmp_path_factory.mktemp("nlftp-server"))
        elif options.keys() & {"root", "user", "password", "cut_after"}:
            pytest.skip("needs the embedded FTP server, but --nlftp-server names another")
        else:
            host = f"[{server.host}]" if ":" in server.host else server.host
            options["server"] = f"{host}:{server.port}"
    with VirtualModem(**options) as sim:
        _traffic(request).follow_sim(sim)
        yield sim


@pytest.fixture
def nlftp_port(request: pytest.FixtureRequest) -> str:
    """The path of the port that the test's modem is on, virtual or real; nothing has it open."""
    ports = request.config.stash[_PORTS]
    if not ports:
        return cast("VirtualModem", request.getfixturevalue("nlftp_sim")).port
    if "nlftp_sim" in request.fixturenames or _marked(request, "nlftp_sim"):
        pytest.skip("needs a virtual modem, but --nlftp-port names real ones")
    return ports.take(lambda text: _tell(request.config, text))


@pytest.fixture
def nlftp_server(request: pytest.FixtureRequest) -> Server:
    """The FTP server and a login on it (nlftp.sim.Server: host, port, user, password, url)."""
    server = request.config.stash[_SERVER]
    if server is not None:
        return server
    if request.config.stash[_PORTS] and "nlftp_sim" not in request.fixturenames:
        raise pytest.UsageError(
            "a real modem cannot reach the virtual one's FTP server: "
            "name one that it can reach with --nlftp-server URL"
        )
    return cast("VirtualModem", request.getfixturevalue("nlftp_sim")).server


@pytest.fixture
def nlftp_modem(
    request: pytest.FixtureRequest, nlftp_port: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Modem]:
    """A modem that is open (nlftp.Modem), closed at the end."""
    config = request.config
    settings: dict[str, Any] = {}
    for name in ("baudrate", "flow"):
        value = config.getoption(f"nlftp_{name}")
        if value is not None:
            settings[name] = value
    settings |= _marked(request, "nlftp_modem")
    settings.setdefault("trace", tmp_path_factory.mktemp("nlftp-traffic") / "traffic.txt")
    _traffic(request).follow_modem(pathlib.Path(settings["trace"]))
    with Modem(nlftp_port, **settings) as modem:
        apn = config.getoption("nlftp_apn")
        if apn is not None:
            modem.attach(apn)
        yield modem


@pytest.fixture
def nlftp_ftp(
    request: pytest.FixtureRequest, nlftp_modem: Modem, nlftp_server: Server
) -> Iterator[Ftp]:
    """An FTP connection that is logged in (nlftp.Ftp), closed at the end.

    It stands in a directory of the test's own: the root of the embedded server, or one made on the
    server that ``--nlftp-server`` names.
    """
    with nlftp_server.login(nlftp_modem) as ftp:
        if request.config.stash[_SERVER] is None:
            yield ftp
            return
        name = f"nlftp-{uuid.uuid4().hex[:12]}"
        ftp.mkd(name)
        ftp.cwd(name)
        yield ftp
    # The test may have closed the connection, or left it anywhere.
    try:
        with nlftp_server.login(nlftp_modem) as ftp:
            if any(entry.name == name for entry in ftp.list()):
                remove_tree(ftp, name)
    except Error as error:
        warnings.warn(f"directory {name} is left on the FTP server: {error}", stacklevel=1)


def parse_server(url: str) -> Server:
    """The server that a URL names."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise pytest.UsageError(f"--nlftp-server: {error}") from None
    if parts.scheme not in ("ftp", "ftps") or not parts.hostname:
        raise pytest.UsageError("--nlftp-server has to be ftp[s]://user:pass@host:port/directory")
    tls = parts.scheme == "ftps"
    return Server(
        host=parts.hostname,
        port=port or (990 if tls else 21),
        user=unquote(parts.username or "anonymous"),
        password=unquote(parts.password or ""),
        tls=tls,
        directory=unquote(parts.path[1:]),
    )


def remove_tree(ftp: Ftp, directory: str) -> None:
    """Deletes a directory with all that is in it."""
    ftp.cwd(directory)
    for entry in ftp.list():
        if entry.name in (".", ".."):
            continue
        if entry.kind == "directory":
            remove_tree(ftp, entry.name)
        else:
            ftp.delete(entry.name)
    ftp.cdup()
    ftp.rmd(directory)


def _tell(config: pytest.Config, text: str) -> None:
    """Writes a line to the terminal, past what captures a test's output."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")
    # The workers of pytest-xdist have no terminal.
    if terminal is not None:
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            terminal.write_line(text)
            terminal.flush()


def _traffic(request: pytest.FixtureRequest) -> Traffic:
    item = cast("pytest.Item", request.node)
    return item.stash.setdefault(_TRAFFIC, Traffic())


def _marked(request: pytest.FixtureRequest, marker: str) -> dict[str, Any]:
    """The keyword arguments of all markers of a name; the one nearest to the test counts."""
    found: dict[str, Any] = {}
    for mark in request.node.iter_markers(marker):
        if mark.args:
            raise pytest.UsageError(f"@pytest.mark.{marker} takes keyword arguments only")
        found = dict(mark.kwargs) | found
    return found
