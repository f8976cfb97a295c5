"""What the text means: fields, objects, pods, workflows, and the project that holds them all."""

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Edit, Field, FieldKey
from kubelint.manifests.github.workflows import Workflow, WorkflowJob
from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.pods import Container, PodTemplate
from kubelint.manifests.project import Project
from kubelint.manifests.scopes import same_cluster
from kubelint.manifests.settings import ClusterSettings, ImageFacts, NodeFacts

__all__ = [
    "ClusterSettings",
    "Container",
    "Document",
    "Edit",
    "Field",
    "FieldKey",
    "ImageFacts",
    "KubeObject",
    "NodeFacts",
    "PodTemplate",
    "Project",
    "Workflow",
    "WorkflowJob",
    "once_per_project",
    "same_cluster",
]
