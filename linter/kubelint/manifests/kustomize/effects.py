"""What kustomizations make of an object: its namespace, its name, its replicas, its images.

Follows the built-in transformers of kustomize in their order (`api/internal/target/kusttarget_configplugin.go`):
patches, namespace, prefix, suffix, labels, annotations, replicas, images, replacements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubelint.cluster.kinds import is_namespaced
from kubelint.manifests.field import Field
from kubelint.manifests.kustomize.graph import Chain, stages
from kubelint.manifests.kustomize.kustomization import Kustomization
from kubelint.manifests.kustomize.selecting import Seen, matches, read_target
from kubelint.manifests.objects import KubeObject
from kubelint.regexes import regex
from kubelint.sources import Step

#: The kinds that `replicas` counts (`api/internal/konfig/builtinpluginconsts/replicas.go`).
SCALED = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"})
_NEVER_PREFIXED = frozenset({"CustomResourceDefinition", "APIService", "Namespace"})
_IMAGE = regex(r"(?P<name>[^@]*?)(?::(?P<tag>[\w.{}-]*))?(?:@(?P<digest>.*))?")
_LABEL_FIELDS = frozenset({"labels", "matchLabels", "selector"})


class Stage(NamedTuple):
    """One kustomization on the way of an object, and what the object was called when it came there (None: unknown)."""

    member: Kustomization
    name: str | None
    namespace: str | None


class Journey(NamedTuple):
    """An object's way along one chain, and what it is called at the end (None: unknown)."""

    chain: Chain
    stages: tuple[Stage, ...]
    name: str | None
    namespace: str | None

    @property
    def names(self) -> frozenset[str]:
        """Every name that it had on the way."""
        return frozenset(name for name in (self.name, *(stage.name for stage in self.stages)) if name is not None)


class Setting(NamedTuple):
    """What an entry of a kustomization gives an object: the `field` with the value, and the chain where it counts."""

    field: Field
    member: Kustomization
    chain: Chain


class ImageSetting(NamedTuple):
    """A container's image as a chain of kustomizations leaves it. `field` is the last entry that changed it."""

    text: str
    field: Field | None
    chain: Chain


def is_cluster_scoped(group: str, kind: str) -> bool | None:
    """Whether objects of a kind live in no namespace; None where their CustomResourceDefinition must tell."""
    namespaced = is_namespaced(group, kind)
    if namespaced is None:
        return None if kind.startswith("Cluster") and kind != "Cluster" else False
    return not namespaced


def journey(kind: str, group: str, name: Field, namespace: str | None, chain: Chain) -> Journey:
    """The way along `chain` of an object written with that name and namespace."""
    here, place = name.text, namespace
    met: list[Stage] = []
    replaced = overridden(chain)
    scoped = is_cluster_scoped(group, kind)
    for member in stages(chain):
        met.append(Stage(member, here, place))
        if member.is_opaque:
            here = place = None
        if not member.renames:
            continue
        if not member.namespace.absent and not scoped:
            place = member.namespace.text
        if not member.namespace.absent and kind == "Namespace" and not group:
            here = member.namespace.text
        if kind not in _NEVER_PREFIXED:
            here = _affixed(here, member, replaced.get(member, (False, False)))
    return Journey(chain, tuple(met), here, place)


def overridden(chain: Chain) -> dict[Kustomization, tuple[bool, bool]]:
    """The kustomization whose prefix or suffix Flux's object replaces by its own, and which of the two it replaces."""
    if len(chain) < 2 or chain[-1].flux is None:
        return {}
    return {chain[-2]: (not chain[-1].prefix.absent, not chain[-1].suffix.absent)}


def _affixed(name: str | None, member: Kustomization, replaced: tuple[bool, bool]) -> str | None:
    prefix = None if replaced[0] else member.prefix
    suffix = None if replaced[1] else member.suffix
    before, after = (("" if affix is None or affix.absent else affix.text) for affix in (prefix, suffix))
    return None if name is None or before is None or after is None else f"{before}{name}{after}"


def counts(way: Journey, kind: str) -> Setting | None:
    """The count that the last of the `replicas` along a journey gives; None where no entry names the object."""
    found: Setting | None = None
    names: set[str | None] = set()
    after = [stage.name for stage in way.stages[1:]] + [way.name]  # its own prefix is on when a kustomization counts
    for stage, following in zip(way.stages, after, strict=True) if kind in SCALED else ():
        names |= {stage.name, following}
        for entry in stage.member.replicas:
            if entry.get("name").text is not None and entry.get("name").text in names:
                found = Setting(entry.get("count"), stage.member, way.chain)
    return found


def retagged(way: Journey, image: str) -> ImageSetting:
    """An image after all `images` along a journey."""
    found: Field | None = None
    for stage in way.stages:
        for entry in stage.member.images:
            if _is_image(entry.get("name").text, image):
                image, found = _with_entry(image, entry), entry
    return ImageSetting(image, found, way.chain)


def _is_image(name: str | None, image: str) -> bool:
    """Whether an entry means an image: its name is a pattern (`api/internal/image/image.go`, IsImageMatched)."""
    if not name:
        return False
    tail = r"(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?"
    return matches(f"{name}{tail}", image, in_doubt=False)


def _with_entry(image: str, entry: Field) -> str:
    parts = _IMAGE.fullmatch(image)
    if parts is None:
        return image
    name, tag, digest = parts["name"], parts["tag"] or "", parts["digest"] or ""
    new_tag, new_digest = _scalar(entry.get("newTag")), _scalar(entry.get("digest"))
    name = entry.get("newName").text or name
    if new_tag or new_digest:
        tag, digest = new_tag, new_digest
    suffix = _scalar(entry.get("tagSuffix"))
    if suffix:
        tag, digest = tag + suffix, ""
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def _scalar(field: Field) -> str:
    """A tag as text; people forget to quote those that are numbers, which kustomize refuses."""
    return "" if field.value is None or isinstance(field.value, dict | list) else str(field.value)


def has_effects(member: Kustomization) -> bool:
    """Whether a kustomization changes anything by entries of its own, patches aside."""
    if member.is_opaque or member.renames or member.replicas or member.images or relabels([member]):
        return True
    return bool(member.replacements)


def may_change(member: Kustomization, obj: KubeObject, seen: Seen, steps: tuple[Step, ...]) -> bool:
    """Whether a kustomization's own entries, patches aside, may set the field at `steps` of `obj`."""
    if member.is_opaque:
        return True
    return (
        (member.renames and _may_rename(member, obj, steps))
        or (bool(member.replicas) and _may_scale(member, obj, seen, steps))
        or (bool(member.images) and _may_retag(member, obj, steps))
        or _may_label(member, steps)
        or may_replace(member, obj, seen, steps)
    )


def _may_rename(member: Kustomization, obj: KubeObject, steps: tuple[Step, ...]) -> bool:
    named = not (member.prefix.absent and member.suffix.absent) and obj.kind not in _NEVER_PREFIXED
    placed = not member.namespace.absent
    if (named or (placed and obj.kind == "Namespace")) and _along(("metadata", "name"), steps):
        return True
    if not placed:
        return False
    if obj.kind.endswith("Binding") and steps[:1] == ("subjects",):
        return len(steps) < 3 or steps[2] == "namespace"
    return is_cluster_scoped(obj.group, obj.kind) is not True and _along(("metadata", "namespace"), steps)


def _may_scale(member: Kustomization, obj: KubeObject, seen: Seen, steps: tuple[Step, ...]) -> bool:
    if obj.kind not in SCALED or not _along(("spec", "replicas"), steps):
        return False
    names = (entry.get("name").text for entry in member.replicas)
    return any(name is None or seen.names is None or name in seen.names for name in names)


def _may_retag(member: Kustomization, obj: KubeObject, steps: tuple[Step, ...]) -> bool:
    if not steps or steps[-1] != "image":
        return False
    image = obj.field(*steps).text
    return image is None or any(_is_image(entry.get("name").text, image) for entry in member.images)


def _may_label(member: Kustomization, steps: tuple[Step, ...]) -> bool:
    """Whether labels and annotations that it adds may stand at `steps`."""
    kind = next((index for index, step in enumerate(steps) if step in _LABEL_FIELDS or step == "annotations"), None)
    if kind is None:
        return steps in ((), ("metadata",)) and any(True for _ in _labels(member))
    names = {key for name, key in _labels(member) if (name == "annotations") == (steps[kind] == "annotations")}
    last = steps[-1]
    return bool(names) and (last in names or last in ("annotations", "matchExpressions") or last in _LABEL_FIELDS)


def _labels(member: Kustomization) -> Iterator[tuple[str, str]]:
    """The labels and annotations that it adds: which of the two, and the key."""
    root = member.root
    if member.flux is not None:
        for name in ("labels", "annotations"):
            yield from ((name, key) for key, _ in root.get("commonMetadata", name).items())
        return
    yield from (("labels", key) for key, _ in root.get("commonLabels").items())
    yield from (("annotations", key) for key, _ in root.get("commonAnnotations").items())
    for entry in root.get("labels").elements():
        yield from (("labels", key) for key, _ in entry.get("pairs").items())


def relabels(members: Iterable[Kustomization]) -> bool:
    """Whether any of the kustomizations adds labels or annotations, or may."""
    return any(member.is_opaque or any(True for _ in _labels(member)) for member in members)


def may_replace(member: Kustomization, obj: KubeObject, seen: Seen, steps: tuple[Step, ...]) -> bool:
    """Whether a replacement may write to the field (`api/filters/replacement/replacement.go`)."""
    for entry in member.replacements:
        targets = entry.get("targets")
        if not isinstance(targets.value, list):  # of a file that is not in the tree, which may say anything
            return True
        for target in targets.elements():
            selected = read_target(target.get("select"))
            if selected.selects(obj, seen):
                paths = target.get("fieldPaths").strings() or ["metadata.name"]
                if target.get("fieldPaths").unknown or any(_meets_path(path, steps) for path in paths):
                    return True
    return False


_PATH_STEP = regex(r"\[[^\]]*\]|(?:\\.|[^.\\\[])+")


def _meets_path(path: str, steps: tuple[Step, ...]) -> bool:
    parts = [part.replace("\\.", ".") for part in _PATH_STEP.findall(path)]
    return all(
        part == str(step) or part in ("*", "-") or part.startswith("[")
        for part, step in zip(parts, steps, strict=False)
    )


def _along(path: tuple[Step, ...], steps: tuple[Step, ...]) -> bool:
    return all(one == other for one, other in zip(path, steps, strict=False))
