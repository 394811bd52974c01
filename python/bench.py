"""What Python costs against Rust: the same transfers by both, in turn, on the same virtual modem.

    cargo build --release -p nlftp-cli
    pip install ./python
    python python/bench.py [--size MIB] [--rounds N] [--program target/release/nlftp]

Prints the best of the rounds of each: the seconds that the transfer itself took, and the processor
time of the whole client less that of one which moves an empty file. The paced line is 3,000,000
bits a second.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CLIENT = """
import json, sys, nlftp
port, host, server_port, way, via, local, remote = sys.argv[1:]
with nlftp.Modem(port, flow="rtscts") as modem:
    modem.attach()
    with modem.ftp(host, "nlftp", "nlftp", port=int(server_port)) as ftp:
        if way == "put":
            done = ftp.put(local, remote, via=via)
        else:
            done = ftp.get(remote, local, via=via)
print(json.dumps({"bytes": done.bytes, "seconds": done.seconds}))
"""


@dataclass
class Cost:
    """What a client took."""

    seconds: float
    processor: float


@dataclass
class Place:
    """A virtual modem and its server."""

    port: str
    host: str
    server_port: int
    root: Path


def run(command: list[str], environment: dict[str, str]) -> Cost:
    """Runs a client that prints its transfer as JSON."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"failed: {command}")
        out.seek(0)
        told = json.loads(out.read())
    return Cost(told["seconds"], usage.ru_utime + usage.ru_stime)


def rust(program: str, place: Place, way: str, via: str, local: Path, remote: str) -> Cost:
    """By the command line program."""
    url = f"ftp://nlftp@{place.host}:{place.server_port}/{remote}"
    ends = [str(local), url] if way == "put" else [url, str(local)]
    options = ["-p", place.port, "--flow", "rtscts", "--json", "--quiet", "--apn", "CTNET"]
    environment = os.environ | {"NLFTP_PASSWORD": "nlftp"}
    return run([program, *options, way, *ends, "--via", via], environment)


def python(place: Place, way: str, via: str, local: Path, remote: str) -> Cost:
    """By a Python program."""
    arguments = [place.port, place.host, str(place.server_port), way, via, str(local), remote]
    return run([sys.executable, "-c", CLIENT, *arguments], dict(os.environ))


def best(costs: list[Cost]) -> Cost:
    """The least of each: noise only ever adds."""
    return Cost(min(one.seconds for one in costs), min(one.processor for one in costs))


def measure(place: Place, program: str, size: int, rounds: int, title: str) -> None:
    """Prints a table."""
    print(f"\n{title}: {size / 2**20:g} MiB, best of {rounds}")
    heads = ["Rust s", "Python s", "ratio", "Rust cpu", "Python", "ratio"]
    print(" " * 14, *(f"{head:>{6 if head == 'ratio' else 9}}" for head in heads))
    with tempfile.TemporaryDirectory() as folder:
        local, empty = Path(folder) / "file", Path(folder) / "empty"
        content = os.urandom(size)
        local.write_bytes(content)
        empty.write_bytes(b"")
        (place.root / "file").write_bytes(content)
        (place.root / "empty").write_bytes(b"")
        for way in ("put", "get"):
            for via in ("stream", "block"):
                row(place, program, way, via, (local, empty), rounds)


def row(
    place: Place, program: str, way: str, via: str, files: tuple[Path, Path], rounds: int
) -> None:
    """Prints one line of it."""
    local, empty = files
    costs: dict[str, list[Cost]] = {"rust": [], "rust0": [], "python": [], "python0": []}
    for _ in range(rounds):
        for path, suffix in ((local, ""), (empty, "0")):
            name = path.name
            target = path if way == "put" else path.with_suffix(".got")
            costs["rust" + suffix].append(rust(program, place, way, via, target, name))
            costs["python" + suffix].append(python(place, way, via, target, name))
    ours = {name: best(one) for name, one in costs.items()}
    cpu = [ours[name].processor - ours[name + "0"].processor for name in ("rust", "python")]
    seconds = [ours[name].seconds for name in ("rust", "python")]
    print(
        f"{way + ' ' + via:14} {seconds[0]:9.3f} {seconds[1]:9.3f} {seconds[1] / seconds[0]:6.2f} "
        f"{cpu[0]:9.3f} {cpu[1]:9.3f} {cpu[1] / max(cpu[0], 1e-9):6.2f}"
    )


def main() -> None:
    """Measures on a line as fast as it goes, and on a paced one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=float, default=32, help="MiB of the unpaced transfers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", default="target/release/nlftp")
    given = parser.parse_args()
    for title, size, options in (
        ("unpaced", int(given.size * 2**20), {}),
        ("3,000,000 bits a second", 2**20, {"baud": 3_000_000}),
    ):
        with simulator(options) as place:
            measure(place, given.program, size, given.rounds, title)


class simulator:  # noqa: N801
    """A virtual modem in a process of its own, as the measured ones are."""

    def __init__(self, options: dict[str, int]) -> None:
        code = (
            "import sys, nlftp.sim\n"
            f"with nlftp.sim.VirtualModem(**{options!r}) as sim:\n"
            "    print(sim.port, sim.host, sim.server_port, sim.root, flush=True)\n"
            "    sys.stdin.read()\n"
        )
        self.child = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Place:
        assert self.child.stdout is not None
        port, host, server_port, root = self.child.stdout.readline().split()
        return Place(port, host, int(server_port), Path(root))

    def __exit__(self, *_: object) -> None:
        self.child.communicate("")


if __name__ == "__main__":
    main()
