"""Runs a program of somebody else's: with limits of time, memory and output, and none of the user's environment.

The child gets an empty home, no credentials and no way out: proxies that nobody listens at. It is started anew, never
forked off, and dies with everything that it started.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import IO, NamedTuple

MIB = 2**20
MAX_OUTPUT = 64 * MIB
_KEPT = ("PATH", "SYSTEMROOT", "WINDIR", "PATHEXT", "COMSPEC", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_NOWHERE = "http://127.0.0.1:9"
_HOMES = ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HELM_CONFIG_HOME",
          "HELM_CACHE_HOME", "HELM_DATA_HOME", "HELM_PLUGINS", "TMPDIR", "TEMP", "TMP")  # fmt: skip
_LONGEST_REASON = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


class ProcessProblem(Exception):
    """A program did not do what was asked of it. The message is one line, without anything of its input."""


class Completed(NamedTuple):
    """How a program ended and what it wrote."""

    code: int
    stdout: bytes
    stderr: bytes


def run(
    command: Sequence[str],
    *,
    stdin: bytes = b"",
    timeout: float,
    memory: int,
    cwd: Path,
    output: int = MAX_OUTPUT,
) -> Completed:
    """Run `command` in `cwd` for at most `timeout` seconds with `memory` bytes of its own and `output` bytes to write.

    Raises ProcessProblem where it cannot be started or goes beyond a limit; an exit code is the caller's to judge.
    """
    with started(command, memory=memory, cwd=cwd) as process:
        full = Event()
        stdout, stderr = bytearray(), bytearray()
        threads = [
            Thread(target=_write, args=(process, stdin), daemon=True),
            Thread(target=_drain, args=(process, process.stdout, stdout, output, full), daemon=True),
            Thread(target=_drain, args=(process, process.stderr, stderr, MIB, full), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ProcessProblem(f"timed out after {timeout:g} s") from None
        for thread in threads:
            thread.join(5)
        if full.is_set():
            raise ProcessProblem(f"wrote more than {output // MIB} MiB")
        return Completed(code, bytes(stdout), bytes(stderr))


@contextmanager
def started(command: Sequence[str], *, memory: int, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`command` running in `cwd`, with pipes to all its streams; it is killed on leaving, with all that it started."""
    with TemporaryDirectory(prefix="kubelint-", ignore_cleanup_errors=True) as home:
        process = _start(command, environment(home, memory), memory, cwd)
        try:
            yield process
        finally:
            kill(process)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with suppress(OSError, ValueError):
                        stream.close()


def environment(home: str, memory: int, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of a child: where programs are, an empty home, and nothing that leads out or lets in."""
    kept = {name: value for name, value in given.items() if name.upper() in _KEPT}
    proxies = {
        name: _NOWHERE for lower in ("http_proxy", "https_proxy", "all_proxy") for name in (lower, lower.upper())
    }
    return {
        **kept,
        **dict.fromkeys(_HOMES, home),
        **proxies,
        "NO_PROXY": "",
        "LC_ALL": "C.UTF-8",
        "KUBECONFIG": os.path.join(home, "none"),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",
        "GOMEMLIMIT": str(memory * 3 // 4),
        "GOMAXPROCS": "2",
        "GOTRACEBACK": "none",
    }


def one_line(text: str) -> str:
    """What a program says, as one line of at most 200 characters that a terminal may show."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a child and everything in its session."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _start(command: Sequence[str], env: dict[str, str], memory: int, cwd: Path) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            list(command), cwd=cwd, env=env, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise ProcessProblem(f"cannot be started: {getattr(error, 'strerror', None) or type(error).__name__}") from None
    _limit(process.pid, memory)
    return process


def _limit(pid: int, memory: int) -> None:
    """Limit the memory that a child may write to. What Go only reserves does not count, as it would for RLIMIT_AS."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _write(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    with suppress(OSError, ValueError):
        process.stdin.write(data)
        process.stdin.close()


def _drain(process: subprocess.Popen[bytes], stream: IO[bytes], into: bytearray, limit: int, full: Event) -> None:
    """Read all of a stream; a child that writes more than `limit` is killed."""
    with suppress(OSError, ValueError):
        while chunk := os.read(stream.fileno(), 65536):
            into += chunk
            if len(into) > limit:
                full.set()
                process.kill()
                return
