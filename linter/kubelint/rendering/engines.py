"""The programs that render a chart: the `helm` binary, or the library of the extra `kubelint[helm]`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, Protocol

from kubelint.rendering.process import ProcessProblem, run

MEMORY = 2 * 2**30
TIMEOUT = 20.0
RELEASE_NAME = "release-name"
"""What `helm template` calls a release that was given no name."""

_SOURCE = re.compile(r"^---\n# Source: ([^\n]+)\n", re.MULTILINE)


class NotRendered(Exception):
    """A chart could not be rendered. The message quotes no value."""


class Complaint(NotRendered):
    """What an engine says of a chart. The message is for `complaints.py` to clean: it may quote values."""


class Job(NamedTuple):
    """One rendering of the chart in `folder`, an absolute path. `values` is YAML text, on top of the chart's own."""

    folder: Path
    values: str = ""
    name: str = RELEASE_NAME
    namespace: str = "default"
    kubernetes: str | None = None


class Engine(Protocol):
    """Renders charts. `identity` names program and version: two of one identity render alike."""

    identity: str

    def render(self, job: Job) -> dict[str, str]:
        """The text of each template by its path, which starts with the chart's name. Raises NotRendered."""
        ...

    def close(self) -> None:
        """End what runs for it."""


class HelmBinary:
    """`helm template`."""

    def __init__(self, program: Path, timeout: float = TIMEOUT) -> None:
        self.program = program
        self.timeout = timeout
        status = program.stat()
        self.identity = f"helm {program} {status.st_size} {status.st_mtime_ns}"

    def render(self, job: Job) -> dict[str, str]:
        """See Engine."""
        command = [str(self.program), "template", job.name, str(job.folder), "--namespace", job.namespace]
        if job.values:
            command += ["--values", "-"]
        if job.kubernetes:
            command += ["--kube-version", job.kubernetes]
        try:
            completed = run(
                command, stdin=job.values.encode(), timeout=self.timeout, memory=MEMORY, cwd=Path(__file__).parent
            )
        except ProcessProblem as problem:
            raise NotRendered(str(problem)) from None
        if completed.code != 0:
            said = _complaint(completed.stderr)
            raise Complaint(said) if said else NotRendered(f"helm ended with exit code {completed.code}")
        return split_output(completed.stdout.decode("utf-8", "replace"))

    def close(self) -> None:
        """Nothing runs on."""


def split_output(text: str) -> dict[str, str]:
    """The output of `helm template` by template; what stands of one in several places is put together again."""
    text = text.replace("\r\n", "\n")
    first, *parts = _SOURCE.split(text)
    if first.strip():
        raise NotRendered("the output of helm is not a rendered chart")
    found: dict[str, list[str]] = {}
    for path, body in zip(parts[::2], parts[1::2], strict=True):
        found.setdefault(path.strip(), []).append(body)
    return {path: "---\n".join(bodies) for path, bodies in found.items()}


def find_engine(environment: Mapping[str, str] = os.environ) -> Engine | None:
    """The `helm` on the PATH, else the library; None where there is neither."""
    folders = [folder for folder in environment.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    program = shutil.which("helm", path=os.pathsep.join(folders)) if folders else None
    if program is not None and Path(program).is_absolute():
        return HelmBinary(Path(program))
    spec = find_spec("helm_python")
    if spec is None or not spec.submodule_search_locations:
        return None
    from kubelint.rendering.sdk import HelmLibrary

    return HelmLibrary(Path(next(iter(spec.submodule_search_locations))).parent)


def _complaint(stderr: bytes) -> str:
    """What helm says is wrong: from the last line that starts with `Error:`, else the last line."""
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if line.startswith("Error:")]
    found = lines[starts[-1] :] if starts else lines[-1:]
    hints = [number for number, line in enumerate(found) if line.startswith("Use --debug flag")]
    return "\n".join(found[: hints[0]] if hints else found).removeprefix("Error:").strip()
