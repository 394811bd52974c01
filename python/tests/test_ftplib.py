"""nlftp.FTP, for those who know ftplib: connecting, and commands with their replies."""

from __future__ import annotations

import ftplib
import io
from collections.abc import Callable

import pytest
from ftplib_fixtures import ftp, modem, sent, sim

import nlftp
from nlftp import FTP
from nlftp.sim import VirtualModem

__all__ = ["ftp", "modem", "sim"]


# -- connecting -----------------------------------------------------------------------------------


def test_a_script_in_few_lines(sim: VirtualModem, modem: nlftp.Modem) -> None:
    with FTP(modem) as ftp:
        ftp.connect(sim.host, sim.server_port)
        assert ftp.login(sim.user, sim.password).startswith("230 ")
        assert ftp.storbinary("STOR a.bin", io.BytesIO(b"\x03\x10" * 5000)).startswith("226 ")
        received: list[bytes] = []
        assert ftp.retrbinary("RETR a.bin", received.append).startswith("226 ")
        assert b"".join(received) == b"\x03\x10" * 5000
    assert ftp.sock is None
    assert modem.command("AT+FTPOPEN?") == ["+FTPOPEN: 0"]


def test_connect_only_remembers(sim: VirtualModem, modem: nlftp.Modem) -> None:
    ftp = FTP(modem)
    assert ftp.getwelcome() is None
    before = sim.commands
    welcome = ftp.connect("ftp.example.com", 2121)
    assert sim.commands == before
    assert welcome.startswith("220 ftp.example.com:2121")
    assert ftp.getwelcome() == ftp.welcome == welcome
    assert (ftp.host, ftp.port, ftp.lastresp) == ("ftp.example.com", 2121, "220")
    assert ftp.sock is not None
    assert ftp.connection is None
    assert ftp.quit().startswith("221 ")
    assert ftp.sock is None


def test_constructor_logs_in_where_a_user_is_given(sim: VirtualModem, modem: nlftp.Modem) -> None:
    # The virtual modem reaches its own server under every name, and at port 21, too.
    with FTP(modem, "ftp.example.com", sim.user, sim.password, encoding="latin-1") as ftp:
        assert ftp.pwd() == "/"
        assert ftp.encoding == "latin-1"
        assert ftp.connection is not None
        assert ftp.modem is modem
    assert sent(sim, "FTPOPEN=") == [f'AT+FTPOPEN="ftp.example.com","{sim.user}","{sim.password}"']


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), '"anonymous","anonymous@"'),
        (("anonymous", "-"), '"anonymous","-anonymous@"'),
        (("anonymous", "me@here"), '"anonymous","me@here"'),
        (("user",), '"user",""'),
        (("ü", "é"), '"ü","é"'),
        (("user", "secret", "account"), '"user","secret","account",'),
    ],
)
def test_login_as_in_ftplib(
    sim: VirtualModem, modem: nlftp.Modem, arguments: tuple[str, ...], line: str
) -> None:
    ftp = FTP(modem, "h")
    with pytest.raises(ftplib.error_perm):
        ftp.login(*arguments)
    (opened,) = sent(sim, "FTPOPEN=")
    end = len(opened) if not line.endswith(",") else opened.index(",,") + 1
    assert opened[:end] == f'AT+FTPOPEN="h",{line}'


def test_a_login_that_fails(sim: VirtualModem, modem: nlftp.Modem) -> None:
    ftp = FTP(modem)
    ftp.connect(sim.host, sim.server_port)
    with pytest.raises(nlftp.NotConnected, match=r"^530 .*\+FTPOPEN: 0") as caught:
        ftp.login(sim.user, "wrong")
    assert isinstance(caught.value, ftplib.error_perm)
    assert isinstance(caught.value, OSError)
    assert caught.value.text == "+FTPOPEN: 0"
    assert ftp.lastresp == "530"
    # And once more, with the right one.
    ftp.login(sim.user, sim.password)
    assert ftp.pwd() == "/"
    ftp.close()


def test_a_second_login_connects_anew(ftp: FTP, sim: VirtualModem) -> None:
    (sim.root / "d").mkdir()
    ftp.cwd("d")
    ftp.login(sim.user, sim.password)
    assert ftp.pwd() == "/"
    assert len(sent(sim, "FTPOPEN=")) == 2


def test_source_address_is_the_port_of_the_control_connection(
    sim: VirtualModem, modem: nlftp.Modem
) -> None:
    ftp = FTP(modem, "h", source_address=("", 2020))
    with pytest.raises(ftplib.all_errors):
        ftp.login("nobody")
    ftp.connect("h", source_address=("192.0.2.1", 3030))
    with pytest.raises(ftplib.all_errors):
        ftp.login("nobody")
    assert [line.split(",")[4] for line in sent(sim, "FTPOPEN=")] == ["2020", "3030"]


def test_without_a_connection(modem: nlftp.Modem) -> None:
    ftp = FTP(modem)
    for call in (ftp.login, ftp.pwd, ftp.quit, ftp.nlst, ftp.abort):
        with pytest.raises(nlftp.NotConnected, match=r"^421 ") as caught:
            call()
        assert isinstance(caught.value, ftplib.error_temp)
        assert isinstance(caught.value, EOFError)
    with pytest.raises(ftplib.error_perm, match=r"^501 "):
        ftp.connect()
    ftp.close()


def test_one_connection_a_modem(ftp: FTP, sim: VirtualModem, modem: nlftp.Modem) -> None:
    other = FTP(modem, sim.host)
    with pytest.raises(nlftp.Busy, match=r"^450 ") as caught:
        other.login(sim.user, sim.password)
    assert isinstance(caught.value, ftplib.error_temp)
    assert ftp.pwd() == "/"


def test_the_first_argument_is_the_modem() -> None:
    with pytest.raises(TypeError, match=r"nlftp\.Modem, not str"):
        FTP("ftp.example.com")  # type: ignore[arg-type]


def test_timeout_is_checked_and_kept(modem: nlftp.Modem) -> None:
    ftp = FTP(modem, timeout=30)
    assert ftp.timeout == 30
    ftp.connect("h", timeout=None)
    assert ftp.timeout is None
    with pytest.raises(ValueError, match="timeout of 0"):
        ftp.connect("h", timeout=0)


def test_with_closes_whatever_happened(sim: VirtualModem, modem: nlftp.Modem) -> None:
    ftp = FTP(modem, "h", sim.user, sim.password)
    with pytest.raises(KeyError), ftp:
        raise KeyError
    assert ftp.sock is None
    with FTP(modem, "h", sim.user, sim.password) as ftp:
        modem.close()
    assert ftp.sock is None


# -- commands -------------------------------------------------------------------------------------


def test_verbs(ftp: FTP, sim: VirtualModem) -> None:
    assert ftp.mkd("d") == "/d"
    assert ftp.cwd("d").startswith("250 ")
    assert ftp.mkd("é e") == "/d/é e"
    assert ftp.pwd() == "/d"
    assert ftp.cwd("").startswith("250 ")
    assert ftp.cwd("..")[:1] == "2"
    assert ftp.pwd() == "/"
    assert ftp.rmd("d/é e").startswith("250 ")
    (sim.root / "a").write_bytes(b"12345")
    assert ftp.size("a") == 5
    assert ftp.size("/a") == 5
    assert ftp.rename("a", "b").startswith("250 ")
    assert ftp.delete("b").startswith("250 ")
    assert sorted(path.name for path in sim.root.iterdir()) == ["d"]
    assert ftp.lastresp == "250"


@pytest.mark.parametrize("server_replies", [True, False])
def test_a_new_directory_comes_with_its_path(
    ftp: FTP, sim: VirtualModem, server_replies: bool
) -> None:
    ftp.server_replies = server_replies
    (sim.root / "d").mkdir()
    ftp.cwd("d")
    assert ftp.mkd("new") == "/d/new"
    assert ftp.mkd("/other") == "/other"


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("NOOP", "200 "),
        ("noop", "200 "),
        ("PWD", '257 "/"'),
        ("XPWD", '257 "/"'),
        ("CWD d", "250 "),
        ("CDUP", "2"),
        ("MKD new", "257 "),
        ("RMD d", "250 "),
        ("DELE a.txt", "250 "),
        ("SIZE a.txt", "213 7"),
        ("SYST", "215 UNIX"),
        ("STAT", "211"),
        ("STAT a.txt", "213"),
        ("TYPE I", "200 "),
        ("TYPE A N", "200 "),
        ("type l 8", "200 "),
        ("MODE S", "200 "),
        ("STRU F", "200 "),
        ("RNFR a.txt", "350 "),
        ("ABOR", "226 "),
        ("QUIT", "221 "),
    ],
)
@pytest.mark.parametrize("server_replies", [True, False])
def test_commands_that_the_module_has(
    ftp: FTP, sim: VirtualModem, line: str, reply: str, server_replies: bool
) -> None:
    ftp.server_replies = server_replies
    (sim.root / "d").mkdir()
    (sim.root / "a.txt").write_text("content")
    got = ftp.sendcmd(line)
    assert got.startswith(reply)
    assert ftp.lastresp == got[:3]


def test_rename_by_two_commands(ftp: FTP, sim: VirtualModem) -> None:
    (sim.root / "a").touch()
    assert ftp.sendcmd("RNFR a").startswith("350 ")
    assert ftp.voidcmd("RNTO b").startswith("250 ")
    assert (sim.root / "b").exists()
    with pytest.raises(ftplib.error_perm, match=r"^503 .*RNFR"):
        ftp.sendcmd("RNTO c")


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("ACCT x", "login"),
        ("ALLO 5", "nothing"),
        ("APPE x", "rest="),
        ("AUTH TLS", "FTP_TLS"),
        ("EPRT |1|h|1|", "set_pasv"),
        ("EPSV", "set_pasv"),
        ("FEAT", "documentation"),
        ("LIST", "dir"),
        ("MDTM x", "mlsd"),
        ("MLSD", "mlsd"),
        ("MLST", "mlsd"),
        ("NLST", "nlst"),
        ("OPTS UTF8 ON", "facts"),
        ("PASS x", "login"),
        ("PASV", "set_pasv"),
        ("PORT 1,2,3,4,5,6", "set_pasv"),
        ("REST 5", "rest="),
        ("RETR x", "retrbinary"),
        ("SITE CHMOD 644 x", "cannot send"),
        ("STOR x", "storbinary"),
        ("STOU", "name"),
        ("USER x", "login"),
        ("x" * 9000, "x" * 20),
    ],
)
def test_commands_that_the_module_has_not(
    ftp: FTP, sim: VirtualModem, line: str, instead: str
) -> None:
    before = len(sim.commands)
    for call in (ftp.sendcmd, ftp.voidcmd):
        with pytest.raises(ftplib.error_perm, match=r"(?i)^502 .*" + instead) as caught:
            call(line)
        assert isinstance(caught.value, nlftp.InvalidArgument)
        assert isinstance(caught.value, NotImplementedError)
        assert len(str(caught.value)) < 200
    assert ftp.lastresp == "502"
    assert len(sim.commands) == before


@pytest.mark.parametrize("line", ["TYPE E", "MODE B", "STRU R"])
def test_settings_that_the_module_has_not(ftp: FTP, line: str) -> None:
    with pytest.raises(ftplib.error_perm, match=r"^504 "):
        ftp.voidcmd(line)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_cannot_get_into_a_command(ftp: FTP, sim: VirtualModem, end: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: ftp.sendcmd(f"NOOP{end}DELE a"),
        lambda: ftp.cwd(f"a{end}DELE b"),
        lambda: ftp.retrbinary(f"RETR a{end}DELE b", print),
        lambda: ftp.storbinary(f"STOR a{end}DELE b", io.BytesIO(b"x")),
        lambda: ftp.nlst(f"a{end}DELE b"),
        lambda: ftp.login("user", f"secret{end}DELE b"),
    ]
    before = len(sent(sim, "FTPCWD", "FTPRETR", "FTPSTOR", "FTPLIST"))
    for call in calls:
        with pytest.raises(ValueError, match=r"line end|carriage return|line feed"):
            call()
    assert len(sent(sim, "FTPCWD", "FTPRETR", "FTPSTOR", "FTPLIST")) == before


def test_sanitize_masks_passwords(ftp: FTP) -> None:
    assert ftp.sanitize("PASS 12345\r\n") == repr("PASS *****\r\n")
    assert ftp.sanitize("cwd x") == repr("cwd x")


def test_what_is_shown(
    sim: VirtualModem, modem: nlftp.Modem, capsys: pytest.CaptureFixture[str]
) -> None:
    (sim.root / "a.txt").write_text("line\n")
    ftp = FTP(modem)
    ftp.set_debuglevel(3)
    assert FTP.debug is FTP.set_debuglevel
    ftp.connect(sim.host, sim.server_port)
    ftp.getwelcome()
    ftp.login(sim.user, sim.password)
    ftp.retrlines("RETR a.txt", str)
    with pytest.raises(ftplib.error_perm):
        ftp.delete("b")
    ftp.quit()
    shown = capsys.readouterr().out
    assert f"*cmd* 'USER {sim.user}'" in shown
    assert f"*cmd* 'PASS {'*' * len(sim.password)}'" in shown
    assert sim.password not in shown.replace(f"USER {sim.user}", "").replace(f"as {sim.user}", "")
    for text in ("*welcome* '220 ", "*retr* 'line'", "*cmd* 'DELE b'", "*resp* '550 ", "'221 "):
        assert text in shown


def test_replies_are_asked_for_outside_of_files_only(ftp: FTP, sim: VirtualModem) -> None:
    (sim.root / "a").write_bytes(b"1")
    ftp.pwd()
    ftp.cwd("/")
    ftp.retrbinary("RETR a", lambda _: None)
    ftp.nlst()
    ftp.pwd()
    names = ("FTPINFO", "FTPPWD", "FTPCWD", "FTPRETR", "FTPLIST")
    lines = [line.split("=")[0] if "INFO" not in line else line for line in sent(sim, *names)]
    assert lines[:4] == ["AT+FTPINFO=1", "AT+FTPPWD", "AT+FTPCWD", "AT+FTPINFO=0"]
    assert [line for line in lines if "INFO" in line] == [
        "AT+FTPINFO=1",
        "AT+FTPINFO=0",
        "AT+FTPINFO=1",
    ]
    assert lines[-2:] == ["AT+FTPINFO=1", "AT+FTPPWD"]


def test_replies_can_be_left_alone(sim: VirtualModem, modem: nlftp.Modem) -> None:
    class Quiet(FTP):
        server_replies = False

    with Quiet(modem, "h", sim.user, sim.password) as ftp:
        assert ftp.pwd() == "/"
        assert ftp.voidcmd("NOOP").startswith("200 ")
        with pytest.raises(nlftp.Refused, match=r"^550 .*\+FTPDEL: 0"):
            ftp.delete("nothing")
    assert sent(sim, "FTPINFO") == []


def test_a_firmware_without_ftpinfo() -> None:
    with (
        VirtualModem(failures={"FTPINFO": 3}) as sim,
        nlftp.Modem(sim.port) as modem,
        FTP(modem, "h", sim.user, sim.password) as ftp,
    ):
        assert ftp.pwd() == "/"
        assert ftp.cwd("/").startswith("250 ")
        assert len(sent(sim, "FTPINFO")) == 1
