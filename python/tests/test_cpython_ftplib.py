"""nlftp.FTP and nlftp.FTP_TLS, measured by CPython's own tests of ftplib.

Every one of them runs, but for those in LEFT_OUT, each with its reason; those run, too, to show
that they fail.
"""

from __future__ import annotations

import pytest
from ftplib_of_cpython import cpython, names, run, what_failed, why_not

if cpython is None:
    pytest.skip(why_not, allow_module_level=True)

NO_DATA_SOCKET = "transfercmd() and makepasv() give sockets; data connections are the module's"
NO_SOCKET = "asks the socket of the connection, which is the module's"
NO_TLS_SOCKET = "asks the TLS socket of a connection, which is the module's"
NO_WELCOME = "the module tells nothing of what the server says before the login is over (1.2.3)"
NO_MLSD = "the module has no MLSD; mlsd() is made of the listing, which has no perm and unique"
ACCT_AT_LOGIN = "the module gives the account as it logs in (1.2.1), and has no ACCT for later"
TIMEOUT_OF_SOCKET = "asks the socket for its timeout; the time limits are arguments of nlftp.Modem"

#: Tests of the classes below that fail, in both of them for the same reason.
LEFT_OUT_OF_BOTH = {
    "test_acct": ACCT_AT_LOGIN,
    "test_getwelcome": NO_WELCOME,
    "test_makepasv": NO_DATA_SOCKET,
    "test_makepasv_issue43285_security_disabled": NO_DATA_SOCKET,
    "test_makepasv_issue43285_security_enabled_default": NO_DATA_SOCKET,
    "test_makeport": NO_DATA_SOCKET,
    "test_mlsd": NO_MLSD,
    "test_source_address": NO_SOCKET,
    "test_source_address_passive_connection": NO_DATA_SOCKET,
}

LEFT_OUT = {
    **{f"TestFTPClass.{name}": why for name, why in LEFT_OUT_OF_BOTH.items()},
    **{f"TestTLS_FTPClassMixin.{name}": why for name, why in LEFT_OUT_OF_BOTH.items()},
    "TestIPv6Environment.test_af": NO_SOCKET,
    "TestIPv6Environment.test_makepasv": NO_DATA_SOCKET,
    "TestIPv6Environment.test_makeport": NO_DATA_SOCKET,
    "TestTLS_FTPClass.test_ccc": NO_TLS_SOCKET,
    "TestTLS_FTPClass.test_check_hostname": "CPython skips it itself (bpo-32706)",
    "TestTLS_FTPClass.test_context": "an SSLContext is of no use: TLS is the module's",
    "TestTLS_FTPClass.test_control_connection": NO_TLS_SOCKET,
    "TestTLS_FTPClass.test_data_connection": NO_DATA_SOCKET,
    "TestTLS_FTPClass.test_login": NO_TLS_SOCKET,
    "TestTimeouts.testTimeoutConnect": TIMEOUT_OF_SOCKET,
    "TestTimeouts.testTimeoutDefault": TIMEOUT_OF_SOCKET,
    "TestTimeouts.testTimeoutDifferentOrder": TIMEOUT_OF_SOCKET,
    "TestTimeouts.testTimeoutDirectAccess": TIMEOUT_OF_SOCKET,
    "TestTimeouts.testTimeoutNone": TIMEOUT_OF_SOCKET,
    "TestTimeouts.testTimeoutValue": TIMEOUT_OF_SOCKET,
    "MiscTestCase.test__all__": "is about the names in the module ftplib itself",
}

#: What has to be among those that run.
AT_THE_LEAST = {
    "login", "rename", "delete", "size", "mkd", "rmd", "cwd", "pwd", "quit", "abort",
    "retrbinary", "retrbinary_rest", "retrlines", "storbinary", "storbinary_rest", "storlines",
    "dir", "nlst", "set_pasv", "voidcmd", "sanitize", "exceptions", "all_errors", "encoding_param",
    "line_too_long", "retrlines_too_long", "storlines_too_long", "with_statement",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in names() if name not in LEFT_OUT])
def test_of_cpython(name: str) -> None:
    result = run(name)
    if not result.wasSuccessful():
        pytest.fail(what_failed(result), pytrace=False)
    if result.skipped:
        pytest.skip(result.skipped[0][1])


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_what_is_left_out_would_fail(name: str) -> None:
    result = run(name)
    assert result.skipped or not result.wasSuccessful(), f"{name} passes: take it off the list"


def test_the_list_names_tests_that_there_are() -> None:
    assert set(LEFT_OUT) <= set(names())


def test_what_issue_5_asks_for_is_run() -> None:
    run_here = {name.partition(".test_")[2] for name in names() if name not in LEFT_OUT}
    assert run_here >= AT_THE_LEAST
