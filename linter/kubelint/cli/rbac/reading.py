"""What stands at a path: a chart, a kustomization or manifests, and the commands that deploy it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from posixpath import basename, dirname
from shlex import quote

from kubelint.cli.errors import UsageProblem
from kubelint.cli.rbac.built import below, built_objects
from kubelint.cli.rbac.charted import of_chart
from kubelint.cli.rbac.clusters import Tree
from kubelint.cli.rbac.deployment import DEFAULT, Deployment, Part, Step, Wish, part_of
from kubelint.cluster.helm import Command, FluxKustomization, Kubectl
from kubelint.cluster.kinds import is_namespaced
from kubelint.cluster.rbac import namespace_of
from kubelint.manifests.kustomize.kustomization import FILE_NAMES, Kustomization

_ROLLED_OUT = frozenset({"DaemonSet", "Deployment", "StatefulSet"})


def read_deployment(tree: Tree, path: str, wish: Wish) -> Deployment:
    """What stands at `path`: a chart, a kustomization, or else manifests."""
    inner = Path(os.path.relpath(Path(path).resolve(), tree.workspace.root)).as_posix()
    folder = dirname(inner) if basename(inner) in ("Chart.yaml", *FILE_NAMES) else inner
    folder = "" if set(folder.split("/")) <= {".", ".."} else folder
    if folder in tree.project.charts and basename(inner) not in FILE_NAMES:
        return of_chart(tree, path, folder, wish)
    for option in ("helm", "atomic", "create_namespace", "release"):
        if getattr(wish, option):
            flag = option.replace("_", "-")
            raise UsageProblem(f"`--{flag}` goes with a chart", f"{path} holds no Chart.yaml")
    member = _kustomization(tree, folder)
    return _of_kustomization(tree, path, member, wish) if member else _of_files(tree, path, wish)


def _kustomization(tree: Tree, folder: str) -> Kustomization | None:
    members = tree.reading.written.kustomizations if tree.reading.written.has_kustomizations() else ()
    return next((member for member in members if member.flux is None and member.folder == folder), None)


def _of_kustomization(tree: Tree, path: str, member: Kustomization, wish: Wish) -> Deployment:
    built = built_objects(tree, member, wish.render)
    parts = [Part(each.manifest, tree.spot(each.at)) for each in built.objects]
    if not parts:
        raise _nothing_built(path, member)
    folder = dirname(path) or "." if basename(path) in FILE_NAMES else path
    words = f"a Kustomization of {quote(folder)}" if wish.flux else f"kubectl apply -k {quote(folder)}"
    name = basename(member.folder) or tree.workspace.root.name
    return _applied(words, name, parts, wish, tuple(built.notes))


def _nothing_built(path: str, member: Kustomization) -> UsageProblem:
    """Why a kustomization is known to build nothing: mostly the root is too narrow for what it includes."""
    missing = [f"`{field.text}`" for inner in below(member) for field in inner.unresolved if field.text]
    if not missing:
        return UsageProblem(f"the kustomization in {path} builds no Kubernetes object", "name one that does")
    more = f" and {len(missing) - 1} more are" if len(missing) > 1 else " is"
    return UsageProblem(
        f"nothing is known of what the kustomization in {path} builds: {missing[0]}{more} not in the tree",
        "name a folder that holds it all with --root",
    )


def _of_files(tree: Tree, path: str, wish: Wish) -> Deployment:
    written = tree.reading.written
    charts = [folder for folder in written.charts if _inside(folder, "Chart.yaml") in tree.named_files]
    parts = [
        part_of(tree, obj)
        for obj in written.all_objects
        if obj.file in tree.named_files
        and not obj.partial
        and obj.group != "kustomize.config.k8s.io"
        and not any(obj.file.startswith(_inside(folder, "")) for folder in charts)
    ]
    if not parts:
        raise UsageProblem(f"{path} holds no Kubernetes object", "name manifests, a kustomization or a chart")
    recursive = " -R" if Path(path).is_dir() and any("/" in _below(tree, path, part) for part in parts) else ""
    words = f"a Kustomization of {quote(path)}" if wish.flux else f"kubectl apply{recursive} -f {quote(path)}"
    return _applied(words, Path(path).resolve().name.partition(".")[0], parts, wish, tuple(_left_out(tree, charts)))


def _inside(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _left_out(tree: Tree, charts: list[str]) -> Iterator[str]:
    """What lies below a folder and is no manifest."""
    tops = (folder for folder in charts if not any(folder.startswith(f"{other}/") for other in charts))
    yield from (f"{folder} is a chart, which is left out: ask for it by itself" for folder in tops)
    written = tree.reading.written
    members = written.kustomizations if written.has_kustomizations() else ()
    files = [member.file for member in members if member.flux is None and member.file in tree.named_files]
    if files:
        more = f" and {len(files) - 1} more are" if len(files) > 1 else " is"
        yield f"{files[0]}{more} not built: ask for one by itself"


def _below(tree: Tree, path: str, part: Part) -> str:
    file = tree.workspace.root / (part.spot.file if part.spot else "")
    return Path(os.path.relpath(file, Path(path).resolve())).as_posix()


def _applied(words: str, name: str, parts: list[Part], wish: Wish, notes: tuple[str, ...]) -> Deployment:
    """Manifests, and kubectl or Flux that applies them."""
    kinds = {part.kind for part in parts}
    steps = [Step(_apply(wish))]
    if wish.wait and not wish.flux:
        if kinds & _ROLLED_OUT:
            steps.append(Step(Kubectl(action="rollout status"), _ROLLED_OUT))
            words += " && kubectl rollout status"
        if "Job" in kinds:
            steps.append(Step(Kubectl(action="wait"), frozenset({"Job"})))
            words += " && kubectl wait"
    if wish.server_side and not wish.flux:
        words = words.replace("kubectl apply", "kubectl apply --server-side", 1)
    if wish.namespace and not wish.flux:
        words = words.replace("kubectl apply", f"kubectl apply --namespace {quote(wish.namespace)}", 1)
    assumed = not wish.namespace and any(map(_is_placeless, parts))
    ordered = not wish.flux and " -k " not in words
    return Deployment(words, name, tuple(steps), tuple(parts), (), wish.namespace or DEFAULT, assumed, ordered, notes)


def _is_placeless(part: Part) -> bool:
    """Whether an object goes to whichever namespace the command names."""
    group = str(part.manifest["apiVersion"]).rpartition("/")[0]
    return not namespace_of(part.manifest) and is_namespaced(group, part.kind) is True


def _apply(wish: Wish) -> Command:
    if wish.flux:
        return FluxKustomization(prune=True, wait=wish.wait)
    return Kubectl(action="apply", server_side=wish.server_side)
