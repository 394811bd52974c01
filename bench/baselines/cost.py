"""What a client measures, as the Rust ones do: "SECONDS BEST PROCESSOR" on one line."""

from __future__ import annotations

import time
from collections.abc import Callable


def print_transfer(start: float, spent: float) -> None:
    """Of a transfer that has just ended."""
    seconds = time.perf_counter() - start
    print(f"{seconds:.9f} {seconds:.9f} {time.process_time() - spent:.6f}")


def print_commands(count: int, command: Callable[[], object]) -> None:
    """Runs a command many times; the median and the best."""
    for _ in range(min(count, 200)):
        command()
    spent = time.process_time()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        command()
        times.append(time.perf_counter() - start)
    spent = time.process_time() - spent
    times.sort()
    print(f"{times[count // 2]:.9f} {times[0]:.9f} {spent:.6f}")
