"""CPython's own tests of ftplib, run on nlftp.FTP: its test servers stand behind virtual modems.

The interpreter's package ``test.test_ftplib`` is imported, not copied. While one of its tests runs,
the names that it uses are others: its servers come with a modem, and ``ftplib.FTP`` is nlftp's.
"""

from __future__ import annotations

import ftplib
import importlib
import socket
import unittest
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any
from unittest import mock

import nlftp
from nlftp import FTP, FTP_TLS
from nlftp.sim import VirtualModem


def load() -> tuple[ModuleType | None, str]:
    """The interpreter's test module, or None and why it is not there."""
    try:
        return importlib.import_module("test.test_ftplib"), ""
    except (ImportError, unittest.SkipTest) as error:
        return None, f"this Python comes without its own tests of ftplib: {error}"


cpython, why_not = load()


def names() -> list[str]:
    """Every test in the module, as ``Class.method``."""
    if cpython is None:
        return []
    loader = unittest.TestLoader()
    classes = [
        one
        for one in vars(cpython).values()
        if isinstance(one, type)
        and issubclass(one, unittest.TestCase)
        and one.__module__ == cpython.__name__
    ]
    return [
        f"{one.__name__}.{method}" for one in classes for method in loader.getTestCaseNames(one)
    ]


class Bench:
    """Where one test runs: the modem that its clients get, and the server behind that."""

    def __init__(self) -> None:
        self.modem: nlftp.Modem | None = None
        self.server: Any = None
        self._stack = ExitStack()

    def place(self, server: Any) -> None:
        """Puts a server behind a modem."""
        self.server = server
        # Without the module ssl there is no such file, and no test needs it.
        self.connect(server.host, server.port, tls_ca=getattr(cpython, "CAFILE", None))

    def connect(self, host: str, port: int, **options: Any) -> None:
        """Puts a modem in front of an address, in place of the one before."""
        self.disconnect()
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        sim = self._stack.enter_context(VirtualModem(server=place, **options))
        self.modem = self._stack.enter_context(nlftp.Modem(sim.port))

    def disconnect(self) -> None:
        """Closes the modem."""
        self.modem = None
        self._stack.close()

    def clear(self) -> None:
        """Leaves nothing behind, however the test ended."""
        self.disconnect()
        if self.server is not None and self.server.active:
            self.server.stop()


def _client(base: type[FTP], here: Bench) -> type[FTP]:
    """A class of clients that have the bench's modem, and what no module can do."""

    class Client(base):  # type: ignore[misc, valid-type]
        # The server's listings have nothing to do with the files that it gives.
        verify = "none"

        def __init__(self, *arguments: Any, **named: Any) -> None:
            assert here.modem is not None
            super().__init__(here.modem, *arguments, **named)

        # The tests never log in, and the module connects only to do that.

        def connect(self, host: str = "", *arguments: Any, **named: Any) -> str:
            if isinstance(self, FTP_TLS):
                # The name that is in the server's certificate.
                return str(super().connect("localhost", *arguments, **named))
            welcome: str = super().connect(host, *arguments, **named)
            if here.server is not None:
                self.login()
            return welcome

        def prot_p(self) -> str:
            reply: str = super().prot_p()
            if self.connection is None:
                self.login()
            return reply

        def sendcmd(self, cmd: str) -> str:
            # Two verbs are the server's own, for the tests to set it up with.
            verb, _, argument = cmd.partition(" ")
            if verb == "SETLONGRETR":
                here.server.handler_instance.next_retr_data = "x" * int(argument)
                return "125 setlongretr ok"
            if verb == "echo":
                with _noop_echoes(here.server.handler_instance, argument):
                    return self.sendcmd(f"NOOP {argument}")
            reply: str = super().sendcmd(cmd)
            return reply

        # A module's commands need the name of a file, which the server does not look at.

        def retrbinary(self, cmd: str, *arguments: Any, **named: Any) -> str:
            return str(super().retrbinary(_named(cmd), *arguments, **named))

        def retrlines(self, cmd: str, *arguments: Any, **named: Any) -> str:
            return str(super().retrlines(_named(cmd), *arguments, **named))

        def storbinary(self, cmd: str, *arguments: Any, **named: Any) -> str:
            return str(super().storbinary(_named(cmd), *arguments, **named))

        def storlines(self, cmd: str, *arguments: Any, **named: Any) -> str:
            return str(super().storlines(_named(cmd), *arguments, **named))

    return Client


def _named(cmd: str) -> str:
    return f"{cmd} name" if cmd in {"retr", "stor"} else cmd


@contextmanager
def _noop_echoes(handler: Any, reply: str) -> Iterator[None]:
    """Makes the server give this reply to NOOP, which a module can send, as it does to echo."""
    if reply.startswith("1"):
        # Another one has to come behind it.
        handler.next_response = reply
        yield
    else:
        answer = mock.Mock(side_effect=lambda _: handler.push(reply))
        with mock.patch.object(handler, "cmd_noop", answer):
            yield


def _server(base: type, bench: Bench) -> type:
    """A class of the tests' servers that stand behind a modem."""

    class Server(base):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            bench.place(self)

        def handle_accepted(self, conn: socket.socket, addr: Any) -> None:
            super().handle_accepted(conn, addr)
            # The tests name another address, to see that ftplib does not go there; with a modem,
            # that is the modem's affair.
            self.handler_instance.fake_pasv_server_ip = conn.getsockname()[0]

        def stop(self) -> None:
            bench.disconnect()
            super().stop()

    return Server


@contextmanager
def _replaced(bench: Bench) -> Iterator[None]:
    """The test module as it is while a test runs."""
    assert cpython is not None
    looks_like_ftplib = ModuleType("ftplib")
    vars(looks_like_ftplib).update(vars(ftplib))
    vars(looks_like_ftplib).update(FTP=_client(FTP, bench), FTP_TLS=_client(FTP_TLS, bench))
    with ExitStack() as stack:
        stack.callback(bench.clear)
        stack.enter_context(mock.patch.object(cpython, "ftplib", looks_like_ftplib))
        for name in {"DummyFTPServer", "DummyTLS_FTPServer"} & set(vars(cpython)):
            server = _server(getattr(cpython, name), bench)
            stack.enter_context(mock.patch.object(cpython, name, server))
        yield


def _give_modem(test: unittest.TestCase, bench: Bench) -> None:
    """TestTimeouts has a server of its own, a thread that waits for one connection."""
    set_up, tear_down = test.setUp, test.tearDown

    def set_up_with_modem() -> None:
        set_up()
        bench.connect("127.0.0.1", test.port)  # type: ignore[attr-defined]

    def tear_down_at_once() -> None:
        address = ("127.0.0.1", test.port)  # type: ignore[attr-defined]
        with socket.create_connection(address) as visitor:
            while visitor.recv(100):
                pass
        tear_down()

    vars(test).update(setUp=set_up_with_modem, tearDown=tear_down_at_once)


def run(name: str) -> unittest.TestResult:
    """Runs one of the tests."""
    assert cpython is not None
    class_name, method = name.split(".")
    test: unittest.TestCase = getattr(cpython, class_name)(method)
    bench = Bench()
    if class_name == "TestTimeouts":
        _give_modem(test, bench)
    result = unittest.TestResult()
    with _replaced(bench):
        test.run(result)
    return result


def what_failed(result: unittest.TestResult) -> str:
    """The tracebacks of a test that failed."""
    return "\n".join(text for _, text in result.errors + result.failures)
