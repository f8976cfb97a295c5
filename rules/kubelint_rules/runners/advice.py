"""What to say of a job that no runner takes: which runner comes nearest, and what would help."""

from __future__ import annotations

from dataclasses import replace

from kubelint.checks import Finding
from kubelint.cluster.runners import NearName, Verdict, missing_labels, preset, registered, serves
from kubelint.cluster.templates import has_template
from kubelint.manifests.runners import PlacedPool
from kubelint_rules.runners.jobs import Ask, Site

Near = tuple[str, NearName]
"""A label that no runner has, and the name that it is near to."""

_SHOWN = 4
_OTHER_WORDS = {"amd64": "x64", "x86_64": "x64", "x86-64": "x64", "aarch64": "arm64"}
"""What others call the architectures that actions/runner has labels for (`ConfigurationManager.cs`)."""


def served_by_newer_chart(placed: PlacedPool, ask: Ask) -> bool:
    """Whether only its chart's age keeps a scale set from taking a job."""
    pool = placed.pool
    if pool.labels_take_effect:
        return False
    return serves(replace(pool, labels_take_effect=True), ask.texts, ask.group) is not Verdict.NO


def nearest_to(site: Site, ask: Ask) -> PlacedPool:
    """The pool that lacks least; one that only its chart's age keeps from serving comes first."""
    newer = [placed for placed in site.pools if served_by_newer_chart(placed, ask)]
    if newer:
        return newer[0]
    return site.nearest(ask.texts)


def with_nearest(finding: Finding, site: Site, ask: Ask, missing: tuple[str, ...], near: Near | None) -> Finding:
    """The finding with a label at the runner that was meant, or that lacks least."""
    owners = [placed for placed in site.pools if near and registered(placed.pool, near[1].name) is Verdict.YES]
    if near and owners:
        owner = min(owners, key=lambda placed: len(missing_labels(placed.pool, ask.texts)))
        named = owner.pool.name.lower() == near[1].name.lower()
        place = owner.name if named and owner.pool.kind == "scale_set" else owner.place
        others = tuple(text for text in missing_labels(owner.pool, ask.texts) if text != near[0])
        lacks = f" and lacks {listed(others)}" if others else ""
        return finding.label(place, f"`{owner.title}` answers to `{near[1].name}`{lacks}")
    nearest = nearest_to(site, ask)
    if not isinstance(nearest.labels.value, list) and not nearest.labels.absent and not nearest.labels.unknown:
        return finding.label(nearest.labels, f"the labels of the nearest runner, `{nearest.title}`, are no list")
    lacks = f"lacks {listed(missing)}" if missing else f"is in {_group(nearest)}"
    return finding.label(nearest.place, f"nearest runner: `{nearest.title}` {lacks}")


def with_caller(finding: Finding, ask: Ask) -> Finding:
    """The finding with a label at the job, where what it asks for stands in another file or above the jobs."""
    job, here = ask.job.field, ask.place()
    if here.document is job.document and here.path[: len(job.path)] == job.path:
        return finding
    return finding.label(ask.job.runs_on, f"job `{ask.job.id}` runs on it")


def note_on(near: Near | None, nearest: PlacedPool, missing: tuple[str, ...]) -> str:
    """What to say beside the labels that no runner has."""
    if near is not None:
        label, meant = near
        return f"did you mean `{meant.name}`?" if meant.typo else f"`{meant.name}` looks like `{label}`"
    for label in missing:
        word = _OTHER_WORDS.get(label.lower())
        if word and registered(nearest.pool, word) is not Verdict.NO:
            return f"runners say `{word}` for `{label}`"
    return "no runner takes this job"


def help_for(site: Site, ask: Ask, near: Near | None, nearest: PlacedPool) -> str:
    """What to do about it."""
    elsewhere = "if the runner is made elsewhere, name its labels in `.github/actionlint.yaml`"
    if near:
        alone = " alone" if len(ask.texts) > 1 and near[1].name == nearest.pool.name else ""
        other = "" if near[1].typo else f", or give a runner the label `{near[0]}`"
        return f"ask for `{near[1].name}`{alone}{other}; {elsewhere}"
    missing = missing_labels(nearest.pool, ask.texts)
    if not missing:
        return f"ask for {_group(nearest)}, or put the runners into the group `{ask.group}`"
    if nearest.pool.kind == "scale_set":
        added = f"add {listed(missing)} to the labels of a scale set"
        return f"ask for {_alone(site, ask, nearest)}, or {added}; {elsewhere}"
    return f"give a runner all of these labels; {elsewhere}"


def _alone(site: Site, ask: Ask, nearest: PlacedPool) -> str:
    """What a job may ask for instead: the nearest set's name, or that of any if the job does not say which it means."""
    names = [placed.pool.name for placed in site.pools if placed.pool.kind == "scale_set"]
    if all(map(preset, ask.texts)) and len(names) > 1:
        shown = [name for name in names if not has_template(name)][:_SHOWN]
        return f"a set's name, such as {listed(tuple(shown))}" if shown else "a set's name"
    name = "the set's name" if has_template(nearest.pool.name) else f"`{nearest.pool.name}`"
    return f"{name} alone"


def _group(placed: PlacedPool) -> str:
    return f"group `{placed.pool.group}`" if placed.pool.group else "the group `Default`"


def all_of(labels: tuple[str, ...]) -> str:
    """The labels of a job, for messages."""
    return f"all of {listed(labels)}" if len(labels) > 1 else f"the label {listed(labels)}"


def listed(labels: tuple[str, ...]) -> str:
    """Labels, for messages."""
    return ", ".join(f"`{label}`" for label in labels)
