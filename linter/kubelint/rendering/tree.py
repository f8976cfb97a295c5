"""Renders what a project holds, and says what it could not render, and why."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING, Any

from kubelint.manifests.field import Part
from kubelint.rendering.cache import RenderCache, cache_folder, key_of
from kubelint.rendering.chart_files import ChartFiles, look_over
from kubelint.rendering.charts import Chart, Plan, find_charts, plans
from kubelint.rendering.complaints import complaint
from kubelint.rendering.engines import Complaint, Engine, Job, NotRendered, find_engine
from kubelint.rendering.generated import may_generate, without_generated
from kubelint.rendering.mapping import TemplateMap
from kubelint.rendering.process import one_line
from kubelint.rendering.rendered import HoldsSecret, Mode, NoEngine, Rendered, RenderedFile, Trace
from kubelint.sources import Path as FieldPath
from kubelint.sources import SourceFile, Span, read_documents
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.values import UnreadableYaml, build_documents

if TYPE_CHECKING:
    from kubelint.manifests import Project

BUDGET = 120.0
"""Seconds that an engine may take for all charts together."""

_NO_ENGINE = (
    "no engine to render charts: install helm, or kubelint with its extra `helm` (in its clone: pip install '.[helm]')"
)
_VERSION = re.compile(r"v?\d+(?:\.\d+){0,2}")


def render_charts(root: Path, project: Project, mode: Mode, holds_secret: HoldsSecret) -> Rendered:
    """The charts of `project`, whose files are in `root`, rendered. Raises NoEngine where `always` cannot be kept."""
    charts = find_charts(project) if mode != "never" else []
    if not charts:
        return Rendered()
    engine = find_engine()
    if engine is None:
        if mode == "always":
            raise NoEngine(_NO_ENGINE)
        return Rendered(skipped=tuple((chart.path("Chart.yaml"), "not rendered: no Helm here") for chart in charts))
    return _rendered(root, project, engine, plans(project, charts), holds_secret)


def render_plan(root: Path, project: Project, plan: Plan, holds_secret: HoldsSecret) -> Rendered:
    """One rendering of one chart. Raises NoEngine."""
    engine = find_engine()
    if engine is None:
        raise NoEngine(_NO_ENGINE)
    return _rendered(root, project, engine, [plan], holds_secret)


def _rendered(
    root: Path, project: Project, engine: Engine, wanted: Iterable[Plan], holds_secret: HoldsSecret
) -> Rendered:
    cache = RenderCache(cache_folder())
    try:
        return _Charts(root, project, engine, cache, holds_secret).render(wanted)
    finally:
        engine.close()
        cache.prune()


class _Charts:
    def __init__(
        self, root: Path, project: Project, engine: Engine, cache: RenderCache, holds_secret: HoldsSecret
    ) -> None:
        self.root = root
        self.project = project
        self.engine = engine
        self.cache = cache
        self.holds_secret = holds_secret
        self.left = BUDGET
        self.looked_over: dict[str, ChartFiles | NotRendered] = {}
        self.files: list[RenderedFile] = []
        self.skipped: list[tuple[str, str]] = []
        self.read: set[str] = set()

    def render(self, wanted: Iterable[Plan]) -> Rendered:
        """All the renderings."""
        for number, plan in enumerate(wanted, 1):
            try:
                self.render_one(plan, str(number))
            except NotRendered as error:
                self.skipped.append((plan.chart.path("Chart.yaml"), self.reason(plan, error)))
        superseded = frozenset(
            (file, document.index) for file in self.read for document in self.project.files.get(file, [])
        )
        return Rendered(tuple(self.files), tuple(dict.fromkeys(self.skipped)), superseded, frozenset(self.read))

    def render_one(self, plan: Plan, number: str) -> None:
        """One rendering; its files and what they make good for are added to those of the others."""
        if plan.problem:
            raise NotRendered(plan.problem)
        files = self.look_over(plan.chart)
        missing = [name for name, _ in plan.chart.dependencies if name not in files.dependencies]
        if missing:
            raise NotRendered(f"its dependency `{one_line(missing[0])}` is not in `charts/`")
        version = self.project.settings.kubernetes
        kubernetes = version if version and _VERSION.fullmatch(version) else None
        job = Job(self.root / plan.chart.folder, plan.values, plan.name, plan.namespace, kubernetes)
        texts = self.texts(job, files)
        sources: dict[str, SourceFile] = {}
        for path in sorted(texts):
            inner = path.partition("/")[2]
            if _is_manifest(inner, texts[path]):
                sources[inner] = read_documents(f"{plan.chart.path(inner)}#{number}", texts[path])
        written = {inner: self.written(plan.chart, inner) for inner in {*sources, *files.templates}}
        own = {file for inner, file in written.items() if inner.startswith("templates/") or inner in sources}
        self.read |= own - {plan.chart.path("Chart.yaml")}
        for inner, source in sources.items():
            self.files.append(self.traced(plan, source, written[inner], inner, number))

    def texts(self, job: Job, files: ChartFiles) -> dict[str, str]:
        """What the engine makes of `job`, or made of it in an earlier run."""
        key = key_of(self.engine.identity, files.digest, job.values, job.name, job.namespace, job.kubernetes)
        texts = self.cache.get(key)
        if texts is None:
            texts = self.engine_texts(job)
            if files.packed or may_generate(files.templates.values()):
                texts = without_generated(texts, self.engine_texts(job))
            if not self.holds_secret([read_documents(*item) for item in sorted(texts.items())]):
                self.cache.put(key, texts)
        return texts

    def engine_texts(self, job: Job) -> dict[str, str]:
        """What the engine makes of `job`, as long as there is time for all of them."""
        if self.left <= 0:
            raise NotRendered(f"{BUDGET:g} s of rendering are used up")
        started = time.monotonic()
        try:
            return self.engine.render(job)
        finally:
            self.left -= time.monotonic() - started

    def look_over(self, chart: Chart) -> ChartFiles:
        """The chart's files, looked over once."""
        found = self.looked_over.get(chart.folder)
        if found is None:
            try:
                found = look_over(self.root, self.root / chart.folder)
            except NotRendered as error:
                found = error
            self.looked_over[chart.folder] = found
        if isinstance(found, NotRendered):
            raise found
        return found

    def written(self, chart: Chart, inner: str) -> str:
        """The file of the tree that the template `inner` of a chart is; Chart.yaml for one in an archive."""
        steps = inner.split("/")
        if steps[0] != "charts" or len(steps) < 3:
            return chart.path(inner)
        names = [name for name, at in chart.dependencies if steps[1] in (name, at.get("alias").text)]
        for name in (steps[1], *names):
            path = self.root / chart.path("/".join(("charts", name, *steps[2:])))
            if path.is_file():  # in a folder that may be a link to elsewhere in the tree
                return path.resolve().relative_to(self.root.resolve()).as_posix()
        return chart.path("Chart.yaml")

    def traced(self, plan: Plan, source: SourceFile, written: str, inner: str, number: str) -> RenderedFile:
        """A rendered file with the way back to its template, or to the dependency that brings it."""
        rest = {"belongs_to": plan.belongs_to, "origin": plan.origin}
        if basename(written) == "Chart.yaml":
            entry = self.dependency(plan.chart, inner.split("/")[1])
            return RenderedFile(source, number, written, lambda *_: entry, lambda *_: entry, **rest)
        load = _Template(self.root, written, source)
        return RenderedFile(source, number, written, load.trace, load.trace_span, **rest)

    def dependency(self, chart: Chart, name: str) -> Trace:
        """Where Chart.yaml asks for the chart `name`."""
        for asked, at in chart.dependencies:
            if name in (asked, at.get("alias").text):
                return Trace(at.document.file, at.document.index, at.get("name").path)
        return Trace(chart.path("Chart.yaml"), 0, ("name",))

    def reason(self, plan: Plan, error: NotRendered) -> str:
        """Why a rendering is not there, in one line that quotes no value."""
        told = one_line(str(error))
        if isinstance(error, Complaint):
            folder = self.looked_over.get(plan.chart.folder)
            templates = "\n".join(folder.templates.values()) if isinstance(folder, ChartFiles) else ""
            told = complaint(str(error).replace(f"{self.root}/", ""), self.values(plan), templates)
        return f"not rendered {one_line(plan.label)}: {told}" if plan.label else f"not rendered: {told}"

    def values(self, plan: Plan) -> Iterator[Any]:
        """All values that Helm was given."""
        for document in self.project.files.get(plan.chart.path("values.yaml"), []):
            yield document.root.value
        try:
            yield from (document.value for document in build_documents(plan.values, PlainScalars()))
        except UnreadableYaml:
            yield plan.values.splitlines()


class _Template:
    """A template of the tree, read when somebody asks where something in it is."""

    def __init__(self, root: Path, path: str, rendered: SourceFile) -> None:
        self._load = partial(_read, root, path)
        self._rendered = rendered
        self._map: TemplateMap | None = None

    def trace(self, document: int, path: FieldPath, part: Part) -> Trace:
        """See Tracer."""
        return self.map.trace(document, path, part)

    def trace_span(self, span: Span) -> Trace:
        """See SpanTracer."""
        return self.map.trace_span(span)

    @property
    def map(self) -> TemplateMap:
        if self._map is None:
            self._map = TemplateMap(self._load(), self._rendered)
        return self._map


def _read(root: Path, path: str) -> SourceFile:
    from kubelint.sources.reading import read_text

    return read_text(root, path)


def _is_manifest(inner: str, text: str) -> bool:
    """Whether Helm takes what became of a template for manifests."""
    return not inner.endswith("NOTES.txt") and not basename(inner).startswith("_") and bool(text.strip())
