"""Run a command as a child process and measure what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chargeback.errors import ChargebackError

_SHOWN_LINES = 15


@dataclass(frozen=True)
class Usage:
    """What a process and its own children took.

    `wall_s` is the time on the clock; `cpu_s` is user and system time summed over all threads, so
    it can be more than `wall_s`, and hardly changes when other programs keep the machine busy.
    `peak_mb` is the largest resident set, in MB of 10^6 bytes.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(
    command: Sequence[str], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Usage:
    """Run a command with its output in `log`, wait for it, and return what it took.

    Raises ChargebackError with the end of the output when it fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=env,
            cwd=cwd,
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = "\n".join(lines[-_SHOWN_LINES:])
        raise ChargebackError(
            f"`{_short(command)}` ended with code {process.returncode}; the end of {log}:\n{said}"
        )
    # macOS counts bytes, Linux KiB.
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6)


def _short(command: Sequence[str]) -> str:
    words = [word.splitlines()[0] if word else "''" for word in command]
    return " ".join(words[1:8])
