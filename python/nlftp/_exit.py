"""Leaves no module in the middle of something when the interpreter ends."""

from __future__ import annotations

import atexit
import weakref
from typing import Protocol

from . import _nlftp


class HasNative(Protocol):
    """A modem of either kind."""

    _native: _nlftp.Modem


#: Modems that are open, or about to be.
open_modems: weakref.WeakSet[HasNative] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """Takes 10 seconds at most for each that is busy, and no time for one that is not."""
    for modem in list(open_modems):
        modem._native.stop()
