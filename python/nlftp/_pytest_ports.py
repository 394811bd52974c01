"""Real modems in a test run: each port is one process's, for as long as that runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pathlib
import tempfile
import time
from collections.abc import Callable, Iterable

#: Between two looks at ports that are all taken.
INTERVAL = 0.05


class Ports:
    """The ports that were named; the first that is free becomes this process's.

    A port is taken by an exclusive flock on a file of its own, so that the workers of pytest-xdist
    and test runs beside this one keep off it, and the system gives it back however a run ends.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        # Two names of one device are one port.
        devices: dict[str, str] = {}
        for path in paths:
            devices.setdefault(os.path.realpath(path), path)
        self._paths = list(devices.values())
        self._taken: tuple[str, int] | None = None

    def __bool__(self) -> bool:
        return bool(self._paths)

    def take(self, tell: Callable[[str], None]) -> str:
        """The path of this process's port; waits until one is free, and tells once that it does."""
        if self._taken is None:
            self._taken = self._try()
        if self._taken is None:
            tell(f"nlftp: waiting for a port: {', '.join(self._paths)} in use")
        while self._taken is None:
            time.sleep(INTERVAL)
            self._taken = self._try()
        return self._taken[0]

    def release(self) -> None:
        """Gives the port back."""
        if self._taken is not None:
            os.close(self._taken[1])
            self._taken = None

    def _try(self) -> tuple[str, int] | None:
        for path in self._paths:
            descriptor = _open(lock_file(path))
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            else:
                return path, descriptor
        return None


def lock_file(port: str) -> pathlib.Path:
    """The file whose lock stands for a port; it stays where it is when the lock goes."""
    device = os.path.realpath(port)
    digest = hashlib.sha256(os.fsencode(device)).hexdigest()[:16]
    return pathlib.Path(tempfile.gettempdir(), f"nlftp-port-{digest}.lock")


def _open(path: pathlib.Path) -> int:
    """Opened without making it first: another user's file can be locked, but not made again."""
    flags = os.O_RDONLY | os.O_NOFOLLOW
    while True:
        try:
            return os.open(path, flags)
        except FileNotFoundError:
            pass
        try:
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            pass
