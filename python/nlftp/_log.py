"""The driver's messages in the logger ``nlftp``: at DEBUG what is done, at level 5 every line."""

from __future__ import annotations

import logging

from . import _nlftp

#: The level of every line on the port, passwords masked; it is called TRACE.
TRACE = 5

logging.addLevelName(TRACE, "TRACE")
logger = logging.getLogger("nlftp")
logger.addHandler(logging.NullHandler())

_level = -1


def follow() -> None:
    """Makes the driver tell as much as the logger wants; cheap where nothing changed."""
    global _level
    level = logger.getEffectiveLevel()
    if level != _level:
        _level = level
        _nlftp.set_log_level(level)


def deliver() -> None:
    """Hands what the driver has told to the logger; for the native module, which knows when."""
    messages, dropped = _nlftp.take_log()
    if dropped:
        logger.warning("%d messages came too fast to be kept", dropped)
    for level, message in messages:
        logger.log(level, "%s", message)
