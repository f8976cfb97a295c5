"""Builds kustomizations with the real kustomize, as overlays end up, and traces each field to where it is written.

Only what stays in the tree is built: nothing is fetched, no plugin, chart or function runs. kustomize builds through a
kustomization of our own, outside of the tree, which asks it to name the file that each object comes from.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.kustomize.kustomization import FILE_NAMES, Kustomization
from kubelint.rendering.cache import RenderCache, cache_folder, key_of
from kubelint.rendering.kustomize_limits import Limits, inner
from kubelint.rendering.kustomize_output import NotBuilt, complaint, drop_origins, origin_of
from kubelint.rendering.kustomize_traces import BuiltFile
from kubelint.rendering.process import ProcessProblem, run
from kubelint.rendering.rendered import HoldsSecret, Mode, NoEngine, Rendered, RenderedFile
from kubelint.sources import read_documents

if TYPE_CHECKING:
    from kubelint.manifests import Project

TIMEOUT = 20.0
"""Seconds that one run of kustomize may take."""
BUDGETS = {"auto": 15.0, "always": 120.0}
"""Seconds that all of them may take together: fewer where nobody asked for it."""
MEMORY = 2 * 2**30
BATCH = 16


class Tool(NamedTuple):
    """A program that builds kustomizations: what is called before the directory's name."""

    command: tuple[str, ...]
    timeout: float = TIMEOUT
    budget: float | None = None


def find_tool(environment: Mapping[str, str] = os.environ) -> Tool | None:
    """The `kustomize` on the PATH, else `kubectl`; None where there is neither."""
    folders = [folder for folder in environment.get("PATH", "").split(os.pathsep) if os.path.isabs(folder)]
    for name, verb in (("kustomize", "build"), ("kubectl", "kustomize")):
        program = shutil.which(name, path=os.pathsep.join(folders)) if folders else None
        if program is not None:
            return Tool((program, verb))
    return None


def build_kustomizations(
    root: Path, project: Project, mode: Mode, tool: Tool | None = None, holds_secret: HoldsSecret | None = None
) -> Rendered:
    """The outermost kustomizations of `project`, whose files are in `root`, built: with `auto` those whose patches or
    replacements reading alone leaves unknown. What `holds_secret` finds no secret in is kept for the next run; without
    it nothing is. Raises NoEngine where `always` cannot be kept.
    """
    if mode == "never" or not project.has_kustomizations():
        return Rendered()
    wanted = [member for member in project.kustomizations.roots if mode == "always" or needs_build(member)]
    tool = tool or (find_tool() if wanted else None)
    if tool is None:
        if wanted and mode == "always":
            raise NoEngine("no program to build kustomizations: install kustomize or kubectl")
        return Rendered()
    budget = BUDGETS[mode] if tool.budget is None else tool.budget
    return _built(root, project, tool, budget, wanted, holds_secret)


def build_kustomization(
    root: Path, project: Project, wanted: Kustomization, holds_secret: HoldsSecret
) -> Rendered | None:
    """One kustomization, whether another includes it or not, built; None where no program can."""
    tool = find_tool()
    return None if tool is None else _built(root, project, tool, BUDGETS["always"], [wanted], holds_secret)


def _built(
    root: Path,
    project: Project,
    tool: Tool,
    budget: float,
    wanted: list[Kustomization],
    holds_secret: HoldsSecret | None,
) -> Rendered:
    cache = RenderCache(cache_folder()) if holds_secret is not None and wanted else None
    return _Build(root, project, tool, budget, cache, holds_secret).build(wanted)


def needs_build(root: Kustomization) -> bool:
    """Whether building tells more than reading: something below is patched, or written to by a replacement."""
    return any(member.patches or member.replacements for member in inner(root))


class _Build:
    def __init__(
        self,
        root: Path,
        project: Project,
        tool: Tool,
        budget: float,
        cache: RenderCache | None,
        holds_secret: HoldsSecret | None,
    ) -> None:
        self.root = root.resolve()
        self.limits = Limits(self.root)
        self.cache = cache
        self.holds_secret = holds_secret
        self.project = project
        self.tool = tool
        self.budget = self.left = budget
        self.skipped: list[tuple[str, str]] = []
        self.texts: dict[Kustomization, list[tuple[str, str]]] = {}
        """For each that was built its documents: the file that each comes from, and its text."""

    def build(self, wanted: list[Kustomization]) -> Rendered:
        """Build what can be built."""
        keys: dict[Kustomization, str] = {}
        for member in wanted:
            obstacle = self.limits.obstacle(member)
            if obstacle is not None:
                self.skip(member, obstacle)
                continue
            keys[member] = self.key(member)
            known = self.cache.get(keys[member]) if self.cache is not None and keys[member] else None
            if known is not None:
                self.texts[member] = [(key.partition(" ")[2], known[key]) for key in sorted(known)]
        for batch in batches(member for member in keys if member not in self.texts):
            self.run_batch(batch)
            self.keep([member for member in batch if member in self.texts], keys)
        if self.cache is not None:
            self.cache.prune()
        return self.rendered()

    def key(self, member: Kustomization) -> str:
        """What names a build among those that are kept: program, place and content; empty where it cannot be kept."""
        digest = self.limits.digest(member) if self.cache is not None else ""
        status = Path(self.tool.command[0]).stat()
        program = (*self.tool.command, str(status.st_size), str(status.st_mtime_ns))
        return key_of("kustomize", *program, member.file, digest) if digest else ""

    def keep(self, members: list[Kustomization], keys: Mapping[Kustomization, str]) -> None:
        """Keep what was built for the next run, unless it holds secrets."""
        if self.cache is None or self.holds_secret is None:
            return
        for member in members:
            texts = {f"{number:06} {file}": text for number, (file, text) in enumerate(self.texts[member])}
            if keys[member] and not self.holds_secret([read_documents(*item) for item in texts.items()]):
                self.cache.put(keys[member], texts)

    def skip(self, member: Kustomization, reason: str) -> None:
        self.skipped.append((member.file, f"not built: {reason}"))

    def run_batch(self, batch: list[Kustomization]) -> None:
        """Build some together; where that fails, those apart that make it fail."""
        try:
            self.texts.update(self.run(batch))
        except NotBuilt as problem:
            if len(batch) == 1:
                self.skip(batch[0], str(problem))
                return
            half = len(batch) // 2
            self.run_batch(batch[:half])
            self.run_batch(batch[half:])

    def run(self, batch: list[Kustomization]) -> dict[Kustomization, list[tuple[str, str]]]:
        if self.left <= 0:
            raise NotBuilt(f"all together took longer than {self.budget:g} s")
        started = time.monotonic()
        with TemporaryDirectory(prefix="kubelint-", ignore_cleanup_errors=True) as folder:
            try:
                return self.read(self.call(Path(folder).resolve(), batch), batch, Path(folder).resolve())
            except ProcessProblem as problem:
                raise NotBuilt(str(problem)) from None
            finally:
                self.left -= time.monotonic() - started

    def call(self, folder: Path, batch: list[Kustomization]) -> str:
        """What kustomize writes for a kustomization in `folder` that includes all of `batch`."""
        try:
            paths = [os.path.relpath(self.root / member.folder, folder).replace(os.sep, "/") for member in batch]
        except ValueError:  # another drive
            raise NotBuilt("the temporary directory is on another drive") from None
        outer = {"resources": paths, "buildMetadata": ["originAnnotations"]}
        (folder / FILE_NAMES[0]).write_text(json.dumps(outer), encoding="utf-8")
        timeout = min(self.tool.timeout, max(self.left, 0.1))
        done = run([*self.tool.command, str(folder)], timeout=timeout, memory=MEMORY, cwd=folder)
        if done.code != 0:
            raise NotBuilt(complaint(done.code, done.stderr.decode("utf-8", "replace")))
        return done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")

    def read(self, text: str, batch: list[Kustomization], folder: Path) -> dict[Kustomization, list[tuple[str, str]]]:
        """The documents of the output by the member of `batch` that each is of."""
        parts = [part for part in ("\n" + text).split("\n---\n") if part.strip()]
        whole = read_documents("kustomize", "\n---\n".join(parts))
        if whole.problems or len(whole.documents) != len(parts):
            raise NotBuilt("what kustomize wrote is not YAML")
        found: dict[Kustomization, list[tuple[str, str]]] = {member: [] for member in batch}
        owners = {file: member for member in batch for each in inner(member) for file in (*each.files, each.file)}
        for document, part in zip(whole.documents, parts, strict=True):
            file = origin_of(document.value, folder, self.root)
            owner = batch[0] if len(batch) == 1 else owners.get(file)
            if owner is None:
                raise NotBuilt("kustomize does not say where objects come from")
            if document.value["kind"] != "Secret":  # read where it is written
                found[owner].append((file if file in owners else owner.file, part))
        return found

    def rendered(self) -> Rendered:
        """All that was built, with what it stands for."""
        shared = _sharing(self.texts)
        files = []
        for member, documents in self.texts.items():
            by_file: dict[str, list[str]] = {}
            for file, text in documents:
                by_file.setdefault(file, []).append(text)
            rendering = member.folder or "." if member in shared else ""
            for number, (file, texts) in enumerate(by_file.items(), 1):
                source = read_documents(f"{member.file}#{number}", "\n---\n".join(texts))
                drop_origins(source)
                trace = BuiltFile(self.project, member, file, source).trace
                files.append(RenderedFile(source, rendering, file, trace, belongs_to=member.file, origin=member.file))
        return Rendered(tuple(files), tuple(self.skipped), frozenset(self.superseded()))

    def superseded(self) -> Iterator[tuple[str, int]]:
        """The documents that are judged as built: those that nothing reaches but what was built. Secrets stay."""
        graph, secrets = self.project.kustomizations.graph, self.project.objects("Secret")
        kept = {(obj.file, obj.document.index) for obj in secrets}
        for file in {*graph.includers, *graph.patchers}:
            chains = graph.chains(file)
            ends = [[member for member in chain if member.flux is None] for chain in chains.found]
            if chains.complete and all(members and members[-1] in self.texts for members in ends):
                indexes = ((file, document.index) for document in self.project.files.get(file, []))
                yield from (index for index in indexes if index not in kept)


def batches(members: Iterable[Kustomization]) -> Iterator[list[Kustomization]]:
    """The kustomizations in groups that may be built together: none includes what another does."""
    open_batches: list[tuple[list[Kustomization], set[str]]] = []
    for member in members:
        own = {file for each in inner(member) for file in (*each.files, each.file)}
        batch = next((known for known in open_batches if len(known[0]) < BATCH and not known[1] & own), None)
        if batch is None:
            batch = ([], set())
            open_batches.append(batch)
        batch[0].append(member)
        batch[1].update(own)
    yield from (batch for batch, _ in open_batches)


def _sharing(members: Iterable[Kustomization]) -> set[Kustomization]:
    """Those that include a resource that another includes too: variants, which never meet in a cluster."""
    by_file: dict[str, set[Kustomization]] = {}
    for member in members:
        for each in inner(member):
            for file in each.files if not each.is_component else ():
                by_file.setdefault(file, set()).add(member)
    return {member for sharing in by_file.values() if len(sharing) > 1 for member in sharing}
