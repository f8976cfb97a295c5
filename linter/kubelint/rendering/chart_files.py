"""Looks over the files of a chart before any engine does: that none lies outside, how large they are unpacked, what
they are, which dependencies are there.
"""

from __future__ import annotations

import gzip
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import IO, Any, NamedTuple
from zlib import error as deflate_error

from kubelint.rendering.engines import NotRendered
from kubelint.rendering.process import MIB

MAX_UNPACKED = 64 * MIB
MAX_FILES = 10_000
_DEEPEST = 8


class ChartFiles(NamedTuple):
    """What the files of a chart come to. `dependencies` are the names of the charts in its `charts/`; `templates` the
    texts of all that may be a template, by their path in the chart; `packed` says that some are in archives.
    """

    digest: str
    dependencies: frozenset[str]
    templates: dict[str, str]
    packed: bool


def look_over(root: Path, folder: Path) -> ChartFiles:
    """The files of the chart in `folder`, all of them in `root`. Raises NotRendered where Helm is not to see them."""
    survey = _Survey(root.resolve())
    try:
        survey.enter(folder, ())
    except OSError as error:
        raise NotRendered(f"its files cannot be read: {error.strerror}") from None
    return ChartFiles(survey.hash.hexdigest(), frozenset(survey.dependencies), survey.templates, survey.packed)


@dataclass
class _Survey:
    root: Path
    left: int = MAX_UNPACKED
    files: int = 0
    hash: Any = field(default_factory=sha256)
    dependencies: set[str] = field(default_factory=set)
    templates: dict[str, str] = field(default_factory=dict)
    packed: bool = False

    def enter(self, folder: Path, steps: tuple[str, ...]) -> None:
        """Look over a directory, which stands at `steps` in the chart, and all below it."""
        if len(steps) > 32:
            raise NotRendered("its folders nest too deeply, or a link leads back to one that holds it")
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            path = Path(entry.path)
            if entry.is_symlink() and self.leaves(path):
                raise NotRendered("a link in the chart leaves the project")
            status = entry.stat()
            if S_ISDIR(status.st_mode):
                self.enter(path, (*steps, entry.name))
            elif S_ISREG(status.st_mode):
                self.read(path, (*steps, entry.name), status.st_size)
            else:
                raise NotRendered("something in the chart is neither a file nor a folder")

    def leaves(self, link: Path) -> bool:
        """Whether a link leads out of the root."""
        try:
            return not link.resolve().is_relative_to(self.root)
        except RuntimeError:
            raise NotRendered("a link in the chart leads back to itself") from None

    def read(self, path: Path, steps: tuple[str, ...], size: int) -> None:
        """Look over a file."""
        self.files += 1
        self.take(size)
        if self.files > MAX_FILES:
            raise NotRendered(f"it has more than {MAX_FILES} files")
        data = path.read_bytes()
        name = "/".join(steps)
        self.hash.update(f"{name}\0{len(data)}\0".encode(errors="surrogatepass"))
        self.hash.update(data)
        if len(steps) == 2 and steps[0] == "charts" and name.endswith(".tgz"):
            self.packed = True
            self.dependencies.update(self.unpack(BytesIO(data)))
        elif len(steps) == 3 and steps[0] == "charts" and steps[2] == "Chart.yaml":
            self.dependencies.add(_chart_name(data) or steps[1])
        elif "templates" in steps[:-1]:
            self.templates[name] = data.decode("utf-8", "replace").replace("\r\n", "\n")

    def unpack(self, packed: IO[bytes], depth: int = 0) -> Iterator[str]:
        """Add up what an archive holds, and those inside of it, without unpacking more than may be; the names of the
        charts in it.
        """
        if depth > _DEEPEST:
            raise NotRendered("a chart in its `charts/` holds archives in archives")
        try:
            with tarfile.open(fileobj=_Bounded(self, packed), mode="r|") as archive:  # type: ignore[call-overload]
                for member in archive:
                    yield from self.member(archive, member, depth)
        except (tarfile.TarError, EOFError, OSError, deflate_error, ValueError):
            raise NotRendered("a chart in its `charts/` is no archive that can be read") from None

    def member(self, archive: tarfile.TarFile, member: tarfile.TarInfo, depth: int) -> Iterator[str]:
        """Look over one file of an archive."""
        if member.size > self.left:
            raise NotRendered(_TOO_LARGE)
        if not member.isfile():
            return
        content = archive.extractfile(member)
        if content is None:
            return
        if member.name.endswith(".tgz"):
            list(self.unpack(BytesIO(content.read()), depth + 1))
        elif depth == 0 and member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
            yield _chart_name(content.read()) or member.name.partition("/")[0]

    def take(self, size: int) -> None:
        """Count `size` bytes."""
        self.left -= size
        if self.left < 0:
            raise NotRendered(_TOO_LARGE)


_TOO_LARGE = f"it is larger than {MAX_UNPACKED // MIB} MiB unpacked"


class _Bounded:
    """A gzip stream that stops where a survey has had enough: also where one header alone asks for more."""

    def __init__(self, survey: _Survey, packed: IO[bytes]) -> None:
        self._survey = survey
        self._stream = gzip.GzipFile(fileobj=packed)

    def read(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > self._survey.left:
            size = self._survey.left + 1
        data = self._stream.read(size)
        self._survey.take(len(data))
        return data


def _chart_name(data: bytes) -> str | None:
    from kubelint.sources.reading import read_bytes

    documents = read_bytes("Chart.yaml", data).documents
    value = documents[0].value if documents else None
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else None
