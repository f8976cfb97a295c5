"""Which major version of Helm a script runs, as far as the tree tells.

It tells by what a job sets up (`azure/setup-helm`, Helm's own `get-helm-3` and `get-helm-4`), by the tag of an image
that is numbered as Helm is, and by what the repository pins for mise and asdf. What none of these says is unknown, and
what two of them disagree about.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from posixpath import basename, dirname
from typing import Literal

from kubelint.manifests.field import Field
from kubelint.manifests.github.calls import Part
from kubelint.manifests.project import Project
from kubelint.sources.text_files import TextKind

Major = Literal[3, 4]
_VERSION = re.compile(r"[v~^=]?\s*v?([34])(?:\.[\dx*].*)?")
_IMAGE = re.compile(r"(?:.*/)?(?:helm|helm-kubectl|k8s-helm|docker-helm):v?([34])(?:\.\d[^@]*)?(?:@.*)?")
_INSTALLER = re.compile(r"\bget-helm-([34])\b")
_ASDF = re.compile(r"^helm[ \t]+(.+?)[ \t]*(?:#.*)?$", re.MULTILINE)
_MISE = re.compile(r"(?:^|/)(?:\.?mise(?:\.toml|/config\.toml)|\.config/mise(?:\.toml|/config\.toml))$")
_TOOLS = ("helm", "asdf:helm", "aqua:helm/helm", "ubi:helm/helm", "github:helm/helm")


def of_image(image: Field) -> Major | None:
    """The version in an image that is tagged with it."""
    found = _IMAGE.fullmatch(image.text or "")
    return _major(found[1]) if found else None


def of_job(parts: Iterable[Part]) -> tuple[Major | None, bool]:
    """The version that the steps of a job set up, and whether they set up any."""
    found: list[Major | None] = []
    for part in parts:
        use = part.step.use
        if use is not None and use.name == "azure/setup-helm":
            found.append(_read(part.step.inputs.get("version").text))
        if part.script is not None:
            found += [_major(number) for number in _INSTALLER.findall(part.script.text)]
    return _one(found), bool(found)


def pinned(project: Project, repository: str, folder: str | None) -> Major | None:
    """The version that the repository pins for what runs in `folder`; the nearest file above it says so."""
    pins = _pins(project)
    here = folder if folder is not None else repository
    while True:
        if here in pins:
            return _one(pins[here])
        if here == repository or not here:
            return None
        here = dirname(here)


def _pins(project: Project) -> dict[str, list[Major | None]]:
    found: dict[str, list[Major | None]] = {}
    for file in project.texts:
        if file.kind is not TextKind.TOOLS:
            continue
        name = basename(file.path)
        if name == ".tool-versions":
            versions = [_read(match.split()[0]) for match in _ASDF.findall(file.text)]
            folder = dirname(file.path)
        elif (match := _MISE.search(file.path)) is not None:
            versions = list(_of_mise(file.text))
            folder = file.path[: match.start()]
        else:
            continue
        if versions:
            found.setdefault(folder, []).extend(versions)
    return found


def _of_mise(text: str) -> Iterator[Major | None]:
    try:
        tools = tomllib.loads(text).get("tools")
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    if not isinstance(tools, dict):
        return
    for name in _TOOLS:
        value = tools.get(name)
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("version") if isinstance(value, dict) else value
        if name in tools:
            yield _read(value if isinstance(value, str) else None)


def _read(text: str | None) -> Major | None:
    found = _VERSION.fullmatch((text or "").strip())
    return _major(found[1]) if found else None


def _one(found: list[Major | None]) -> Major | None:
    return found[0] if found and all(each == found[0] for each in found) else None


def _major(text: str) -> Major:
    return 4 if text == "4" else 3
