"""A control connection of an FTP server whose replies are written down."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from types import TracebackType

#: What a server says as long as nobody told it otherwise.
FRIENDLY = {
    "USER": "331 Password, please.",
    "PASS": "230 Welcome in.",
    "QUIT": "221 Goodbye.",
}


class ScriptedServer:
    """Serves one connection after the other; verbs without a reply in the script get a 502.

    A reply that ends in a NUL is the last one: the connection is closed behind it.
    """

    def __init__(self, replies: Mapping[str, str]) -> None:
        self.replies = {**FRIENDLY, **replies}
        #: The command lines that came.
        self.lines: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def place(self) -> str:
        """The server's address, as a virtual modem takes it."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # This wakes a thread that waits in accept(); close() alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        reply = self.replies.get("", "220 Hello.")
        with connection.makefile("rb") as received:
            while True:
                connection.sendall(reply.rstrip("\0").replace("\n", "\r\n").encode() + b"\r\n")
                if reply.endswith("\0"):
                    return
                line = received.readline().decode().rstrip("\r\n")
                if not line:
                    return
                self.lines.append(line)
                verb = line.split(" ")[0].upper()
                reply = self.replies.get(verb, f"502 {verb} is not in the script.")
