"""Helm's own library, loaded by a child process that is started once and asked for one chart after the other."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, Queue
from subprocess import Popen
from threading import Thread

from kubelint.rendering.engines import MEMORY, TIMEOUT, Complaint, Job, NotRendered
from kubelint.rendering.process import MAX_OUTPUT, ProcessProblem, started

WORKER = Path(__file__).with_name("sdk_worker.py")


class HelmLibrary:
    """helm-python-sdk, in `site`. A child that does not answer in time is ended; the next job gets a new one."""

    def __init__(self, site: Path, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self.site = site
        self.timeout = timeout
        self.memory = memory
        self.identity = f"helm-python-sdk {_version()}"
        self._child: _Child | None = None

    def render(self, job: Job) -> dict[str, str]:
        """See Engine."""
        request = {**job._asdict(), "folder": str(job.folder)}
        try:
            if self._child is None:
                self._child = _Child([sys.executable, "-I", "-S", str(WORKER), str(self.site)], self.memory)
            answer = self._child.ask(json.dumps(request).encode() + b"\n", self.timeout)
        except ProcessProblem as problem:
            self.close()
            raise NotRendered(str(problem)) from None
        error = answer.get("error")
        if error is not None:
            raise Complaint(str(error) or "helm gives no reason")
        files = answer.get("files")
        if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
            raise NotRendered("the answer of helm's library is not a rendered chart")
        return {str(path): text for path, text in files.items()}

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None


class _Child:
    """A running worker: a line of JSON in, a line of JSON out."""

    def __init__(self, command: list[str], memory: int) -> None:
        self._stack = ExitStack()
        self._process: Popen[bytes] = self._stack.enter_context(
            started(command, memory=memory, cwd=Path(__file__).parent)
        )
        self._answers: Queue[bytes] = Queue()
        Thread(target=self._listen, daemon=True).start()
        Thread(target=self._discard, daemon=True).start()

    def ask(self, request: bytes, timeout: float) -> dict[str, object]:
        """The answer to `request`. Raises ProcessProblem where none comes that can be read."""
        Thread(target=self._send, args=(request,), daemon=True).start()
        try:
            line = self._answers.get(timeout=timeout)
        except Empty:
            raise ProcessProblem(f"timed out after {timeout:g} s") from None
        if not line.endswith(b"\n"):
            raise ProcessProblem("helm's library crashed, ran out of memory, or wrote too much")
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise ProcessProblem("the answer of helm's library cannot be read")
        return answer

    def close(self) -> None:
        """Kill it."""
        self._stack.close()

    def _send(self, request: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except (OSError, ValueError):
            self._answers.put(b"")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            while line := self._process.stdout.readline(MAX_OUTPUT):
                self._answers.put(line)
        except (OSError, ValueError):
            pass
        self._answers.put(b"")

    def _discard(self) -> None:
        assert self._process.stderr is not None
        try:
            while self._process.stderr.read1(65536):  # type: ignore[attr-defined]
                pass
        except (OSError, ValueError):
            pass


def _version() -> str:
    try:
        return version("helm-python-sdk")
    except PackageNotFoundError:
        return "unknown"
