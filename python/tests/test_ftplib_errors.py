"""The errors of nlftp.FTP: ftplib's and nlftp's at once, in the server's own words where known."""

from __future__ import annotations

import ftplib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from ftplib_fixtures import ftp, modem, sim
from ftplib_server import ScriptedServer

import nlftp
from nlftp import FTP, _errors
from nlftp._ftplib_errors import of_ftplib, of_login, refusal
from nlftp._ftplib_replies import Replies
from nlftp.sim import VirtualModem

__all__ = ["ftp", "modem", "sim"]


@contextmanager
def scripted(**replies: str) -> Iterator[tuple[FTP, ScriptedServer]]:
    """A client that is logged in to a server with these replies."""
    with (
        ScriptedServer(replies) as server,
        VirtualModem(server=server.place) as sim,
        nlftp.Modem(sim.port) as modem,
        FTP(modem, "h", "user", "secret") as ftp,
    ):
        yield ftp, server


# -- the server refuses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 Not here.", ftplib.error_perm),
        ("553-Not\nthis\n553 name.", ftplib.error_perm),
        ("450 Busy.", ftplib.error_temp),
        ("350 And now?", ftplib.error_reply),
        ("550", ftplib.error_perm),
    ],
)
def test_refusals_in_the_servers_words(reply: str, kind: type[ftplib.Error]) -> None:
    with scripted(DELE=reply, PWD='257 "/"') as (ftp, server):
        with pytest.raises(nlftp.Refused) as caught:
            ftp.delete("a")
        assert isinstance(caught.value, kind)
        assert isinstance(caught.value, ftplib.all_errors)
        assert str(caught.value) == reply
        assert caught.value.text == "+FTPDEL: 0"
        assert caught.value.kind == "refused"
        assert ftp.lastresp == reply[:3]
        assert ftp.pwd() == "/"
        assert server.lines[2:4] == ["DELE a", "PWD"]


@pytest.mark.parametrize(
    ("replies", "reply"),
    [
        ({"RNFR": "550 No such file."}, "550 No such file."),
        ({"RNFR": "350 Go on.", "RNTO": "553 Not that name."}, "553 Not that name."),
    ],
)
def test_a_refused_rename_tells_which_name(replies: dict[str, str], reply: str) -> None:
    with scripted(**replies) as (ftp, _):
        with pytest.raises(ftplib.error_perm) as caught:
            ftp.rename("a", "b")
        assert str(caught.value) == reply


def test_cdup_that_the_server_does_not_know() -> None:
    replies = {"CDUP": "500 What?", "CWD": "250 Up."}
    with scripted(**replies) as (ftp, server):
        assert ftp.cwd("..") == "250 Up."
        assert server.lines[2:] == ["CDUP", "CWD .."]
    with scripted(CDUP="550 No.") as (ftp, _), pytest.raises(ftplib.error_perm, match="550"):
        ftp.cwd("..")


def test_replies_are_what_methods_return() -> None:
    replies = {
        "CWD": "250-Read the\nREADME first.\n250 Directory changed.",
        "MKD": "257 Created.",
        "NOOP": "200 Zzz.",
        "SYST": "215 MULTICS",
        "STAT": "211-All\n is well.\n211 End.",
    }
    with scripted(**replies) as (ftp, _):
        assert ftp.cwd("d") == replies["CWD"]
        assert ftp.mkd("d") == "", "as in ftplib, where a reply names no directory"
        assert ftp.voidcmd("NOOP") == replies["NOOP"]
        assert ftp.sendcmd("SYST") == replies["SYST"]
        assert ftp.sendcmd("STAT").startswith("211-All\n")
        assert ftp.quit() == "221 Goodbye."


def test_a_reply_that_quit_does_not_expect() -> None:
    with (
        pytest.raises(ftplib.error_perm, match=r"^550 Never\.$"),
        scripted(QUIT="550 Never.") as (ftp, _),
    ):
        pass
    assert ftp.sock is None


def test_a_server_that_hangs_up() -> None:
    with scripted(NOOP="421 Too long idle.\0", PWD='257 "/"') as (ftp, server):
        with pytest.raises(nlftp.NotConnected, match=r"^421 ") as caught:
            ftp.voidcmd("NOOP")
        for kind in (ftplib.error_temp, EOFError, ConnectionError):
            assert isinstance(caught.value, kind)
        # As with nlftp.Ftp, the next call opens the connection anew.
        assert ftp.pwd() == "/"
        assert server.lines.count("USER user") == 2


def test_a_server_that_does_not_speak_ftp() -> None:
    with scripted(NOOP="999 What is this?") as (ftp, _):
        with pytest.raises(ftplib.error_proto, match=r"^999 What is this") as caught:
            ftp.voidcmd("NOOP")
        assert isinstance(caught.value, nlftp.NotConnected)


def test_an_account() -> None:
    with (
        ScriptedServer({"PASS": "332 Account?", "ACCT": "230 Welcome."}) as server,
        VirtualModem(server=server.place) as sim,
        nlftp.Modem(sim.port) as modem,
        FTP(modem, "h", "user", "secret", "account") as ftp,
    ):
        assert ftp.connection is not None
        assert server.lines == ["USER user", "PASS secret", "ACCT account"]


# -- the module, the modem and the line refuse ----------------------------------------------------


def test_the_modules_errors_keep_their_code() -> None:
    with (
        VirtualModem(failures=[("FTPCWD", 628), ("FTPRETR", 3), ("FTPLIST", 3)]) as sim,
        nlftp.Modem(sim.port) as modem,
        FTP(modem, "h", sim.user, sim.password) as ftp,
    ):
        (sim.root / "a").write_bytes(b"1")
        ftp.verify = "none"
        calls: list[tuple[Callable[[], object], int]] = [
            (lambda: ftp.cwd("d"), 628),
            (lambda: ftp.retrbinary("RETR a", print), 3),
            (ftp.nlst, 3),
        ]
        for call, code in calls:
            with pytest.raises(nlftp.CommandError, match=r"^451 ") as caught:
                call()
            assert isinstance(caught.value, ftplib.error_temp)
            assert caught.value.code == code
        assert ftp.nlst() == ["a"]


def test_a_modem_without_a_network() -> None:
    with VirtualModem(detached=True) as sim, nlftp.Modem(sim.port) as modem:
        with pytest.raises(nlftp.Error) as caught:
            FTP(modem, "h", sim.user, sim.password)
        assert isinstance(caught.value, ftplib.all_errors)
        modem.attach()
        with FTP(modem, "h", sim.user, sim.password) as ftp:
            assert ftp.pwd() == "/"


def test_a_download_that_is_cut_off() -> None:
    with (
        VirtualModem(cut_after=10_000) as sim,
        nlftp.Modem(sim.port) as modem,
        FTP(modem, "h", sim.user, sim.password) as ftp,
    ):
        (sim.root / "a").write_bytes(bytes(50_000))
        with pytest.raises(ftplib.error_temp) as caught:
            ftp.retrbinary("RETR a", lambda _: None)
        assert isinstance(caught.value, nlftp.Error)
        assert str(caught.value)[:3] in {"421", "426"}
        assert ftp.lastresp == str(caught.value)[:3]
        assert ftp.pwd() == "/"


def test_a_port_that_is_lost(ftp: FTP, sim: VirtualModem) -> None:
    sim.hang_up()
    with pytest.raises(nlftp.PortLost) as caught:
        ftp.pwd()
    assert isinstance(caught.value, OSError)
    ftp.close()


def test_a_module_that_is_silent(sim: VirtualModem) -> None:
    with (
        nlftp.Modem(sim.port, timeout=0.2) as modem,
        FTP(modem, "h", sim.user, sim.password) as ftp,
    ):
        sim.set_silent(True)
        with pytest.raises(TimeoutError) as caught:
            ftp.pwd()
        assert isinstance(caught.value, nlftp.Timeout)
        sim.set_silent(False)


def test_a_modem_that_is_closed(ftp: FTP, modem: nlftp.Modem) -> None:
    modem.close()
    for call in (ftp.pwd, ftp.nlst):
        with pytest.raises(nlftp.Closed, match=r"^421 ") as caught:
            call()
        assert isinstance(caught.value, ftplib.error_temp)
    ftp.close()


@pytest.mark.parametrize("name", ['a"b', "a\0b", "x" * 256, ""])
def test_names_that_no_command_can_carry(ftp: FTP, sim: VirtualModem, name: str) -> None:
    ftp.voidcmd("NOOP")
    before = [line for line in sim.commands if "INFO" not in line]
    calls: list[Callable[[], object]] = [
        lambda: ftp.delete(name),
        lambda: ftp.rename("a", name),
        lambda: ftp.retrbinary(f"RETR {name}", print),
        lambda: ftp.storbinary(f"STOR {name}", io.BytesIO(b"x")),
    ]
    for call in calls:
        with pytest.raises(nlftp.InvalidArgument, match=r"^501 ") as caught:
            call()
        assert isinstance(caught.value, ftplib.error_perm)
        assert isinstance(caught.value, ValueError)
    assert [line for line in sim.commands if "INFO" not in line] == before


# -- one by one -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(_errors.CLASSES))
def test_every_kind_of_error(kind: str) -> None:
    error = _errors.make(kind, "a sentence", 5, "+X: 0", 7, "a file", None)
    same = of_ftplib(error)
    assert type(same) in (type(error), *type(error).__subclasses__())
    told = (same.kind, same.code, same.text, same.transferred, same.left_behind)
    assert told == (kind, 5, "+X: 0", 7, "a file")
    assert same.exit_status == error.exit_status
    if kind in {"local_file", "panic", "port", "timeout", "would_deadlock"}:
        assert same is error
        return
    assert isinstance(same, ftplib.error_temp | ftplib.error_perm)
    code, _, sentence = str(same).partition(" ")
    assert sentence == "a sentence"
    assert code[0] == ("5" if isinstance(same, ftplib.error_perm) else "4")
    assert of_ftplib(same) is same


def test_what_is_no_bug_is_in_all_errors() -> None:
    bugs = {"panic", "would_deadlock"}
    for kind in set(_errors.CLASSES) - bugs:
        error = of_ftplib(_errors.make(kind, "a sentence", None, None, None, None, None))
        assert isinstance(error, ftplib.all_errors), kind


def test_a_login_may_fail_for_any_reason() -> None:
    lost = _errors.make("not_connected", "why", None, "+FTPOPEN: 0", None, None, None)
    assert isinstance(of_login(lost), ftplib.error_perm)
    assert str(of_login(lost)) == "530 why"
    refused = _errors.make("command", "why", 2031, None, None, None, None)
    assert isinstance(of_login(refused), ftplib.error_temp)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("150 x", ftplib.error_reply),
        ("250 x", ftplib.error_reply),
        ("350 x", ftplib.error_reply),
        ("450 x", ftplib.error_temp),
        ("550 x", ftplib.error_perm),
        ("650 x", ftplib.error_proto),
        ("hello", ftplib.error_proto),
        ("", ftplib.error_proto),
    ],
)
def test_a_reply_that_does_not_fit(reply: str, kind: type[ftplib.Error]) -> None:
    error = refusal(reply)
    assert isinstance(error, kind)
    assert isinstance(error, nlftp.Error)
    assert str(error) == reply


def heard(*lines: str) -> Replies:
    replies = Replies()
    for line in lines:
        replies.heard(line)
    return replies


@pytest.mark.parametrize(
    ("lines", "verbs", "found"),
    [
        ([], ["PWD"], [None]),
        (["PWD"], ["PWD"], [None]),
        (["PWD", '257 "/"'], ["PWD"], ['257 "/"']),
        (["pwd", '257 "/"'], ["PWD"], ['257 "/"']),
        (["221 late", "PWD", '257 "/"'], ["PWD"], ['257 "/"']),
        (["NOOP", "200 ok"], ["PWD"], [None]),
        (["PWD", "250-a", "251 b", "250-c", "250 d", "x"], ["PWD"], ["250-a\n251 b\n250-c\n250 d"]),
        (["PWD", "250-a", "never ends"], ["PWD"], [None]),
        (["RNFR a", "350 on", "RNTO b", "250 ok"], ["RNFR", "RNTO"], ["350 on", "250 ok"]),
        (["RNFR a", "550 no"], ["RNFR", "RNTO"], ["550 no", None]),
        (["CWDX a", "1", "CWD a", "2"], ["CWD"], ["2"]),
    ],
)
def test_replies_among_the_lines(
    lines: list[str], verbs: list[str], found: list[str | None]
) -> None:
    assert heard(*lines).to(*verbs, encoding="utf-8") == found


def test_replies_in_another_encoding() -> None:
    # The driver reads octets as UTF-8; those that are none are gone.
    assert heard("PWD", "257 \u00e9").to("PWD", encoding="latin-1") == ["257 \u00c3\u00a9"]
    assert heard("PWD", "257 \ufffd").to("PWD", encoding="latin-1") == ["257 \ufffd"]


def test_replies_are_forgotten() -> None:
    replies = heard("PWD", "257 a")
    replies.forget()
    assert replies.to("PWD", encoding="utf-8") == [None]
