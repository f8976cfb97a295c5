"""Names of processor architectures, as nodes carry them.

The kubelet labels its node with Go's ``runtime.GOARCH`` (kubernetes
``pkg/kubelet/kubelet_node_status.go``), so a value that is not a GOARCH matches no node, however usual it
is elsewhere (``uname -m``, OCI platform strings).
"""

from __future__ import annotations

from kubelint.cluster.images import full_name
from kubelint.regexes import regex

ARCH_LABEL = "kubernetes.io/arch"
OLD_ARCH_LABEL = "beta.kubernetes.io/arch"
ARCH_LABELS = frozenset({ARCH_LABEL, OLD_ARCH_LABEL})

GOARCH = frozenset({"amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "mips64le", "loong64"})

_MEANT = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "x64": "amd64",
    "intel64": "amd64",
    "aarch64": "arm64",
    "armv8": "arm64",
    "arm64v8": "arm64",
    "arm64/v8": "arm64",
    "armhf": "arm",
    "armel": "arm",
    "arm32": "arm",
    "i386": "386",
    "i686": "386",
    "x86": "386",
    "ppc64el": "ppc64le",
    "loongarch64": "loong64",
}
_ARM_32 = regex(r"arm(32)?[/_-]?v[5-7][a-z]*")

DEPRECATED_LABELS: dict[str, str] = {
    OLD_ARCH_LABEL: ARCH_LABEL,
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
}
"""Node labels the API server warns about, with the label that took over.

Source: kubernetes ``pkg/api/node/util.go`` (``GetWarningsForNode``) and ``pkg/api/pod/warnings_test.go``.
"""

DEPRECATED_SINCE: dict[str, str] = {
    label: "1.14" if label.endswith(("/arch", "/os")) else "1.17" for label in DEPRECATED_LABELS
}


def meant_architecture(value: str) -> str | None:
    """The GOARCH that a wrong architecture name stands for: ``x86_64`` -> ``amd64``; None if nothing is known.

    A right name gives itself.  A leading ``linux/`` is dropped, as OCI platform strings have it.
    """
    name = value.strip().lower().removeprefix("linux/")
    if name in GOARCH:
        return name
    if _ARM_32.fullmatch(name):
        return "arm"
    return _MEANT.get(name)


_IN_IMAGE = regex(
    r"(?<![a-z0-9])(amd64|arm64(?:v8)?|arm32v[5-7]|armhf|armv[67]l?|x86[_-]64|aarch64|i386|ppc64le|s390x|riscv64)(?![a-z0-9])"
)
_FOR_OTHERS = regex(r"qemu|binfmt|cross|emulat|toolchain|-gnu|-musl|-unknown-|-linux-android")
"""Images that work for an architecture, which is not the one they run on."""


def image_architecture(image: str) -> str | None:
    """The architecture that an image's name or tag tells: ``arm64v8/redis`` -> ``arm64``; None if it tells none.

    Nothing is told by the registry's host, by several architectures at once, and by the name of a cross compiler or an
    emulator.
    """
    name = full_name(image).partition("/")[2].partition("@")[0].lower()
    found = {meant_architecture(match) for match in _IN_IMAGE.findall(name)}
    return found.pop() if len(found) == 1 and not _FOR_OTHERS.search(name) else None


_ALSO_RUNS = {"amd64": frozenset({"386"}), "arm64": frozenset({"arm"})}


def runs_on(architecture: str, node: str) -> bool:
    """Whether a node of the architecture ``node`` runs programs built for ``architecture``.

    Processors of 64 bits run most of what was built for their 32 bit forerunners, so that this is taken to work.
    """
    return architecture == node or architecture in _ALSO_RUNS.get(node, ())
