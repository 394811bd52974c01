"""The fixtures of nlftp.pytest_plugin, in test runs of their own."""

from __future__ import annotations

import importlib.metadata
import os
import pathlib
import subprocess
import sys

import pytest

import nlftp
from nlftp._pytest_ports import Ports
from nlftp._pytest_traffic import LINES, mask, printable, section
from nlftp.pytest_plugin import parse_server
from nlftp.sim import Server, VirtualModem

pytest_plugins = ["pytester"]

#: Where nlftp is installed pytest finds the plugin by itself.
INSTALLED = any(
    point.value == "nlftp.pytest_plugin"
    for point in importlib.metadata.entry_points(group="pytest11")
)
PLUGIN = [] if INSTALLED else ["-p", "nlftp.pytest_plugin"]


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A test run as a user starts it; the time limit is for one that hangs."""
    options = [*PLUGIN, "-p", "no:cacheprovider", "--strict-markers", *arguments]
    return pytester.runpytest_subprocess(*options, timeout=300)


def needs_xdist() -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")


MOVES_A_FILE = """
    def test_moves_a_file(nlftp_sim, nlftp_ftp):
        nlftp_ftp.put(b"all is well", "report.txt")
        assert (nlftp_sim.root / "report.txt").read_bytes() == b"all is well"
        assert [entry.name for entry in nlftp_ftp.list()] == ["report.txt"]
"""


def test_a_modem_with_a_server_in_every_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_files=MOVES_A_FILE,
        test_fixtures="""
        import nlftp

        ports, roots = [], []

        def test_the_fixtures_belong_together(nlftp_sim, nlftp_port, nlftp_server, nlftp_modem):
            assert isinstance(nlftp_sim, nlftp.sim.VirtualModem)
            assert nlftp_port == nlftp_sim.port == nlftp_modem.port
            assert nlftp_server.port == nlftp_sim.server_port
            assert nlftp_server.url == nlftp_sim.server.url
            assert nlftp_modem.command("AT") == []
            roots.append(nlftp_sim.root)

        def test_each_has_its_own(nlftp_sim):
            assert roots and nlftp_sim.root != roots[0]
            assert list(nlftp_sim.root.iterdir()) == []

        def test_a_program_opens_the_port(nlftp_port, nlftp_server):
            with nlftp.Modem(nlftp_port) as modem, nlftp_server.login(modem) as ftp:
                assert ftp.pwd() == "/"

        def test_without(request):
            assert not request.fixturenames or "nlftp_sim" not in request.fixturenames
        """,
    )
    run(pytester, "-W", "error").assert_outcomes(passed=5)


def test_markers_set_the_modem_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import nlftp
        import pytest

        pytestmark = pytest.mark.nlftp_sim(dtr="absent", user="someone")

        @pytest.mark.nlftp_sim(detached=True, user="nobody")
        def test_the_nearest_counts(nlftp_sim, nlftp_modem):
            assert nlftp_sim.user == "nobody"
            assert nlftp_modem.info().address is None
            with pytest.raises(nlftp.CommandError):
                nlftp_modem.command("AT&D2")

        @pytest.mark.nlftp_sim(failures={"FTPCWD": 628})
        def test_a_command_fails(nlftp_ftp):
            with pytest.raises(nlftp.CommandError):
                nlftp_ftp.cwd("/")
            nlftp_ftp.cwd("/")

        @pytest.mark.nlftp_sim(root=".")
        def test_a_folder_of_choice(nlftp_sim):
            assert (nlftp_sim.root / "test_markers_set_the_modem_up.py").is_file()

        @pytest.mark.nlftp_modem(trace="traffic.txt", timeout=7.0)
        def test_settings_of_the_modem(nlftp_modem):
            with open("traffic.txt") as traffic:
                assert "> AT" in traffic.read()
        """
    )
    run(pytester).assert_outcomes(passed=4)


def test_wrong_markers_are_errors_with_a_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.nlftp_sim(colour="red")
        def test_option(nlftp_sim):
            pass

        @pytest.mark.nlftp_sim("dtr")
        def test_positional(nlftp_sim):
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "*TypeError: there is no option 'colour', but these: root, link, server*",
            "*@pytest.mark.nlftp_sim takes keyword arguments only*",
        ]
    )


def test_a_failed_test_shows_the_traffic_without_secrets(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os
        import pytest

        pytestmark = pytest.mark.nlftp_sim(password="geheim")

        def test_of_the_fixtures_modem(nlftp_ftp):
            nlftp_ftp.put(b"all is well", "report.txt")
            assert not "a whole file"

        def test_of_a_program(nlftp_sim):
            port = os.open(nlftp_sim.port, os.O_RDWR | os.O_NOCTTY)
            os.write(port, b'AT+FTPOPEN="h","u","geheim"\\rAT+CSQ\\x1b\\xff\\r')
            answers = b""
            while answers.count(b"CME ERROR") + answers.count(b"ERROR\\r") < 1:
                answers += os.read(port, 1000)
            os.close(port)
            assert not "reached"

        @pytest.mark.nlftp_sim(detached=True)
        def test_whose_setup_fails(nlftp_ftp):
            pass

        def test_that_passes(nlftp_ftp):
            nlftp_ftp.noop()
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1, failed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_whose_setup_fails*",
            "*- nlftp traffic -*",
            '*> AT+FTPOPEN="127.0.0.1",*[*][*][*]',
            "*< +CME ERROR: *",
            "*test_of_the_fixtures_modem*",
            "*- nlftp traffic -*",
            '*> AT+FTPOPEN="127.0.0.1",*[*][*][*]',
            "*< +FTPOPEN: 1",
            "*report.txt*",
            "*test_of_a_program*",
            "*- nlftp traffic -*",
            '> AT+FTPOPEN="h",[*][*][*]',
        ],
    )
    shown = result.stdout.str().split("- nlftp traffic -")
    assert len(shown) == 4
    assert not any("geheim" in section.split("\n_", 1)[0] for section in shown[1:])
    assert "\x1b" not in shown[3]


def test_the_last_lines_are_shown_and_with_vv_all(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        def test_says_much(nlftp_modem):
            for number in range({LINES}):
                nlftp_modem.command(f"AT+FTPMODE={{number % 2}}")
            assert False
        """
    )
    result = run(pytester)
    result.stdout.fnmatch_lines(["... * lines before these: -vv shows them"])
    result.stdout.no_fnmatch_line("*> ATE0")
    result = run(pytester, "-vv")
    result.stdout.no_fnmatch_line("*lines before these*")
    result.stdout.fnmatch_lines(["*> ATE0", "*> AT+FTPMODE=1"])


def test_a_test_may_break_everything(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_unplugged(nlftp_sim, nlftp_ftp):
            nlftp_sim.hang_up()

        def test_closed(nlftp_sim, nlftp_modem, nlftp_ftp):
            nlftp_ftp.close()
            nlftp_modem.close()
            nlftp_sim.close()
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=2)


def test_parallel_tests_have_their_own(pytester: pytest.Pytester) -> None:
    needs_xdist()
    pytester.makepyfile(
        """
        import os
        import pytest

        @pytest.mark.parametrize("number", range(12))
        def test_moves_a_file(nlftp_sim, nlftp_ftp, number):
            content = os.urandom(20_000)
            nlftp_ftp.put(content, "same.bin")
            assert (nlftp_sim.root / "same.bin").read_bytes() == content
            assert len(list(nlftp_sim.root.iterdir())) == 1

        def test_fails(nlftp_ftp):
            nlftp_ftp.cwd(b"\\xff")
        """
    )
    result = run(pytester, "-n", "3")
    result.assert_outcomes(passed=12, failed=1)
    result.stdout.fnmatch_lines(["*- nlftp traffic -*", "*> AT+FTPCWD=*", "*< +FTPCWD: 0"])


USES_THE_PORT = """
    import os
    import pathlib
    import pytest

    @pytest.mark.parametrize("number", range(6))
    def test_alone_on_the_port(nlftp_port, nlftp_ftp, number):
        # Made anew, and deleted by name: two at a time would find each other's.
        mark = pathlib.Path(os.environ["MARKS"], os.path.basename(os.path.realpath(nlftp_port)))
        mark.mkdir()
        content = os.urandom(20_000)
        nlftp_ftp.put(content, "same.bin")
        found = bytearray()
        nlftp_ftp.get("same.bin", found)
        assert found == content
        assert [entry.name for entry in nlftp_ftp.list()] == ["same.bin"]
        mark.rmdir()
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        print(f"on {nlftp_port} by {worker}")

    def test_of_the_virtual_modem(nlftp_sim, nlftp_modem):
        assert False

    @pytest.mark.nlftp_sim(dtr="absent")
    def test_marked(nlftp_modem):
        assert False
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_real_ports_are_used_by_one_worker_each(
    pytester: pytest.Pytester,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
) -> None:
    """A virtual modem in another process is as good as a real one."""
    if workers:
        needs_xdist()
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setenv("MARKS", str(marks))
    pytester.makepyfile(USES_THE_PORT)
    folder = tmp_path / "served"
    folder.mkdir()
    with VirtualModem(folder, link=tmp_path / "modem") as sim:
        # By two names: it is one port.
        ports = ["--nlftp-port", sim.port, "--nlftp-port", os.path.realpath(sim.port)]
        arguments = [*ports, "--nlftp-server", sim.server.url, "--nlftp-flow", "none"]
        arguments += ["--nlftp-apn", "CTNET", "--nlftp-baudrate", "9600", "-rPs"]
        result = run(pytester, *arguments, *(["-n", str(workers)] if workers else []))
        result.assert_outcomes(passed=6, skipped=2)
        result.stdout.fnmatch_lines(["*needs a virtual modem, but --nlftp-port names real ones*"])
        users = {line for line in result.outlines if line.startswith("on ")}
        # A second worker may have got the port when the first one had ended.
        assert {line.split()[1] for line in users} == {sim.port}
        assert len(users) <= max(1, workers)
        assert sim.commands.count("AT+MIPCALL?") >= 6
    # Every test had a directory of its own, which is gone.
    assert list(folder.iterdir()) == []


def test_two_ports_serve_two_workers(
    pytester: pytest.Pytester, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_xdist()
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setenv("MARKS", str(marks))
    pytester.makepyfile(
        test_port=USES_THE_PORT,
        # Both wait until both have a port: they have to be different ones.
        test_both="""
        import os
        import pathlib
        import time
        import pytest

        @pytest.mark.parametrize("number", range(2))
        def test_both_have_one(nlftp_port, number):
            folder = pathlib.Path(os.environ["MARKS"])
            (folder / f"port-{os.path.basename(os.path.realpath(nlftp_port))}").touch()
            end = time.monotonic() + 60
            while len(list(folder.glob("port-*"))) < 2 and time.monotonic() < end:
                time.sleep(0.02)
            assert len(list(folder.glob("port-*"))) == 2
        """,
    )
    with VirtualModem() as one, VirtualModem(server=f"{one.host}:{one.server_port}") as two:
        ports = ["--nlftp-port", one.port, "--nlftp-port", two.port]
        arguments = [*ports, "--nlftp-server", one.server.url, "-n", "2", "--dist", "each"]
        result = run(pytester, *arguments)
        # --dist each: every worker runs every test.
        result.assert_outcomes(passed=2 * 8, skipped=2 * 2)


def test_a_port_that_others_use_is_waited_for(
    pytester: pytest.Pytester, tmp_path: pathlib.Path
) -> None:
    test = pytester.makepyfile(
        """
        def test_at(nlftp_modem):
            assert nlftp_modem.command("AT") == []
        """
    )
    with VirtualModem(link=tmp_path / "modem") as sim:
        other = Ports([sim.port])
        other.take(pytest.fail)
        options = [*PLUGIN, "-p", "no:cacheprovider", "--nlftp-port", sim.port]
        command = [sys.executable, "-m", "pytest", *options, str(test)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            for line in running.stdout:
                if "waiting for a port" in line:
                    break
            else:
                pytest.fail("it did not wait")
            assert sim.port in line
            other.release()
            assert "1 passed" in running.stdout.read()


def test_a_real_modem_needs_a_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_only_the_modem(nlftp_modem):
            assert nlftp_modem.command("AT") == []

        def test_files(nlftp_ftp):
            pass
        """
    )
    with VirtualModem() as sim:
        result = run(pytester, "--nlftp-port", sim.port)
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["*name one that it can reach with --nlftp-server URL*"])


def test_a_server_for_virtual_modems(pytester: pytest.Pytester, tmp_path: pathlib.Path) -> None:
    (tmp_path / "tests").mkdir()
    pytester.makepyfile(
        """
        import pytest

        def test_moves_a_file(nlftp_sim, nlftp_server, nlftp_ftp):
            assert nlftp_server.directory == "tests"
            assert nlftp_sim.server_port == nlftp_server.port
            assert nlftp_ftp.pwd().startswith("/tests/nlftp-")
            nlftp_ftp.put(b"all is well", "report.txt")
            nlftp_ftp.mkd("inner")
            nlftp_ftp.cwd("inner")
            nlftp_ftp.put(b"", "empty")

        @pytest.mark.nlftp_sim(cut_after=100)
        def test_of_the_embedded_server(nlftp_ftp):
            assert False

        def test_removes_the_directory(nlftp_ftp):
            directory = nlftp_ftp.pwd()
            nlftp_ftp.cdup()
            nlftp_ftp.rmd(directory)

        def test_closes_all(nlftp_modem, nlftp_ftp):
            nlftp_ftp.close()

        def test_unplugs(nlftp_sim, nlftp_ftp):
            nlftp_sim.hang_up()
        """
    )
    with VirtualModem(tmp_path) as sim:
        result = run(pytester, "--nlftp-server", f"{sim.server.url}tests")
        result.assert_outcomes(passed=4, skipped=1, warnings=1)
        result.stdout.fnmatch_lines(["*directory nlftp-* is left on the FTP server: *"])
    left = [path.parent.name for path in tmp_path.rglob("*")]
    assert left == [tmp_path.name, "tests"]


def test_urls_of_servers() -> None:
    assert parse_server("ftp://host") == Server("host", 21, "anonymous", "")
    assert parse_server("ftps://so:p%40ss@[::1]:2121/a%20b/c") == Server(
        "::1", 2121, "so", "p@ss", tls=True, directory="a b/c"
    )
    assert parse_server("ftps://host/").port == 990
    assert parse_server(Server("::1", 1, "a", "b", directory="/c d").url).directory == "/c d"
    for bad in ("host", "http://host/", "ftp://", "ftp://host:port/", "ftp://host:99999/"):
        with pytest.raises(pytest.UsageError, match="--nlftp-server"):
            parse_server(bad)


def test_a_wrong_url_ends_the_run(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--nlftp-server", "host:21")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--nlftp-server has to be ftp*"])


def test_the_plugin_helps(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--help")
    result.stdout.fnmatch_lines(["modems that move files over FTP:", "*--nlftp-port=PATH*"])
    result = run(pytester, "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.nlftp_sim(?*options): *"])
    result = run(pytester, "--fixtures")
    result.stdout.fnmatch_lines(["nlftp_sim -- *", "*A virtual modem with an FTP server*"])


def test_a_port_is_given_back() -> None:
    with VirtualModem() as sim:
        first, second = Ports([sim.port]), Ports([sim.port])
        assert first.take(pytest.fail) == first.take(pytest.fail) == sim.port
        assert second._try() is None
        first.release()
        first.release()
        assert second.take(pytest.fail) == sim.port
        second.release()
    assert not Ports([])


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ('AT+FTPOPEN="host","user","geheim",,,21', 'AT+FTPOPEN="host",***'),
        ('at+ftpopen ="host","user","geheim"', 'at+ftpopen ="host",***'),
        ("AT+FTPOPEN?", "AT+FTPOPEN?"),
        ('AT+MIPCALL=1,"apn","user","geheim"', "AT+MIPCALL=1,***"),
        ('AT+CPIN="1234"', "AT+CPIN=***"),
        ('ATE0+CLCK="SC",1,"1234"', "ATE0+CLCK=***"),
        ("AT+CPIN=", "AT+CPIN="),
        ("AT+FTPCWD=a", "AT+FTPCWD=a"),
    ],
)
def test_secrets_are_masked(line: str, masked: str) -> None:
    assert mask(line) == masked


def test_what_is_shown_is_printable_and_short() -> None:
    assert printable("a\x1b\udcff\u2028é") == "a\\x1b\\udcff\\u2028é"
    lines = [str(number) for number in range(LINES + 2)]
    assert section(lines, everything=True).splitlines() == lines
    shown = section(lines, everything=False).splitlines()
    assert shown == ["... 2 lines before these: -vv shows them", *lines[2:]]
    assert section(lines[2:], everything=False).splitlines() == lines[2:]


def test_every_fixture_is_documented() -> None:
    documentation = nlftp.pytest_plugin.__doc__ or ""
    for name in nlftp.pytest_plugin.__all__:
        assert f"    {name}: " in documentation
