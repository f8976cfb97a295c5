"""A chart, as Helm or Flux installs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from kubelint.checks import Location
from kubelint.cli.errors import UsageProblem
from kubelint.cli.rbac.clusters import Spot, Tree
from kubelint.cli.rbac.deployment import DEFAULT, RELEASE_NAME, Deployment, Part, Step, Wish, manifest_of, part_of
from kubelint.cluster.helm import FluxRelease, Helm, Wait
from kubelint.engine.places import Places
from kubelint.engine.renderings import Renderings
from kubelint.manifests.objects import read_objects
from kubelint.manifests.releases import Release
from kubelint.rendering.charts import Chart, Plan, find_charts, plan_for
from kubelint.rendering.rendered import NoEngine
from kubelint.rendering.tree import render_plan

_OWN = ("chart", "dependency")


def of_chart(tree: Tree, path: str, folder: str, wish: Wish) -> Deployment:
    """The chart in `folder`, for its one release in the tree, else with its own values."""
    if wish.server_side:
        raise UsageProblem("`--server-side` goes with manifests", "Helm 4 applies on the server anyway, Helm 3 never")
    release, notes = _release(tree, folder)
    chart = next((chart for chart in find_charts(tree.project) if chart.folder == (folder or ".")), None)
    if chart is None:
        raise UsageProblem(f"{path} is not installed on its own", "name the chart that it is a part of")
    plan, more = _plan(chart, release)
    known = tree.project.charts[folder].name or ""
    name = wish.release or (release.name if release is not None else "") or known
    name = name if RELEASE_NAME.fullmatch(name) else ""
    namespace = wish.namespace or (release.namespace if release is not None else "") or DEFAULT
    plan = plan._replace(name=name or plan.name, namespace=namespace)
    assumed = not wish.namespace and (release is None or not release.namespace)
    parts = tuple(_rendered(tree, path, plan, wish))
    inside = f"{folder}/" if folder else ""
    defined = re.compile(rf"{re.escape(inside)}(?:charts/[^/]+/)*crds/")
    crds = (obj for obj in tree.project.objects("CustomResourceDefinition") if defined.match(obj.file))
    found = tuple(part_of(tree, obj) for obj in crds if not obj.document.rendering)
    step = Step(_flux_release(wish, namespace) if wish.flux else _helm(wish))
    words = _chart_words(path, plan.name, namespace, wish)
    return Deployment(words, plan.name, (step,), parts, found, namespace, assumed, False, (*notes, *more))


def _release(tree: Tree, folder: str) -> tuple[Release | None, list[str]]:
    """The one release of the chart, whose values and namespace count."""
    found = [each for each in tree.project.releases if each.chart.folder is not None and not each.partial]
    found = [each for each in found if (each.chart.folder or "") == folder and each.wrapper not in _OWN]
    if len(found) > 1:
        return None, [f"the tree has {len(found)} releases of the chart: it is rendered with its own values"]
    return (found[0], [f"rendered for {found[0].display} ({found[0].file})"]) if found else (None, [])


def _plan(chart: Chart, release: Release | None) -> tuple[Plan, list[str]]:
    own = Plan(chart, chart.path("values.yaml"))
    if release is None:
        return own, []
    plan = plan_for(chart, release)
    return (plan, []) if not plan.problem else (own, [f"{plan.problem}: it is rendered with the chart's own"])


def _rendered(tree: Tree, path: str, plan: Plan, wish: Wish) -> Iterator[Part]:
    """The objects that the chart renders to, hooks among them."""
    if not wish.render:
        raise UsageProblem(f"{path} is a chart, which has to be rendered", "leave out `--render never`")
    try:
        rendered = render_plan(tree.workspace.root, tree.project, plan, tree.reading.secrets.finds)
    except NoEngine as error:
        raise UsageProblem(str(error)) from None
    for file, reason in rendered.skipped:
        raise UsageProblem(f"{file}: {reason}")
    renderings = Renderings(rendered)
    places = Places(tree.reading.files)
    for document in renderings.documents():
        for obj in read_objects(document):
            location = renderings.locate(Location.of(obj))
            place = places.find(location) if location.file in tree.reading.files else None
            spot = Spot(place.path, place.start.line, place.start.column) if place else Spot(location.file, 0)
            yield Part(manifest_of(obj), spot)


def _helm(wish: Wish) -> Helm:
    return Helm(
        action="upgrade",
        version=wish.helm,
        install=True,
        wait=Wait.DEFAULT if wish.wait else Wait.NONE,
        atomic=wish.atomic,
        create_namespace=wish.create_namespace,
    )


def _flux_release(wish: Wish, namespace: str) -> FluxRelease:
    return FluxRelease(create_namespace=wish.create_namespace, rolls_back=wish.atomic, storage_namespace=namespace)


def _chart_words(path: str, name: str, namespace: str, wish: Wish) -> str:
    if wish.flux:
        return f"a HelmRelease of {quote(path)} in {namespace}"
    flags = {"--wait": wish.wait, "--atomic": wish.atomic, "--create-namespace": wish.create_namespace}
    given = "".join(f" {flag}" for flag, is_given in flags.items() if is_given)
    return f"helm upgrade --install {quote(name)} {quote(path)} --namespace {quote(namespace)}{given}"
