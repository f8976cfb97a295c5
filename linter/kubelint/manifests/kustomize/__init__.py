"""Kustomizations as they build: what includes what, and what becomes of names, namespaces, replicas and images."""

from kubelint.manifests.kustomize.effects import ImageSetting, Journey, Setting
from kubelint.manifests.kustomize.generated import Generated, GeneratedKey
from kubelint.manifests.kustomize.kustomization import Kustomization
from kubelint.manifests.kustomize.kustomizations import Kustomizations
from kubelint.manifests.kustomize.patching import Patch

__all__ = [
    "Generated",
    "GeneratedKey",
    "ImageSetting",
    "Journey",
    "Kustomization",
    "Kustomizations",
    "Patch",
    "Setting",
]
