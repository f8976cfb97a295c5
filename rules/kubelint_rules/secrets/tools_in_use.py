"""Which tools a repository evidently uses that leave files with credentials in the work tree."""

from collections.abc import Iterator
from posixpath import dirname
from typing import NamedTuple

from kubelint.manifests import Document, Field, Project
from kubelint.manifests.texts import TextSlice, start_of

_EDITORS = ("signageos.signageos-vscode-sops", "shipitsmarter.sops-edit")
"""Plug-ins of Visual Studio Code that decrypt files into others beside them."""


class Leftover(NamedTuple):
    """A file that a tool leaves: its name, the pattern for `.gitignore`, the tool, the place that shows its use."""

    name: str
    pattern: str
    tool: str
    at: Field | TextSlice
    repository: str

    @property
    def folder(self) -> str:
        """The directory of the file that shows the tool's use."""
        return dirname(self.place[0])

    @property
    def place(self) -> tuple[str, str]:
        """The file and the field that show the tool's use."""
        return (self.at.document.file, self.at.display) if isinstance(self.at, Field) else (self.at.file, "")


def leftovers(project: Project) -> Iterator[Leftover]:
    """What the tools leave that show in `project`, each tool as often as it shows."""
    for policy in project.sops_policies:
        recipients = [rule for rule in policy.rules if "age" in rule.recipients]
        if recipients:
            yield _of("age.key", "age.key", "SOPS with age", recipients[0].field, policy.document)
    for document in project.documents:
        if document.file.endswith(".vscode/extensions.json"):
            named = document.root.get("recommendations")
            if any(name.lower() in _EDITORS for name in named.strings()):
                yield _of(".decrypted~secret.yaml", ".decrypted~*", "a SOPS plug-in", named, document)
        elif "$ANSIBLE_VAULT;" in document.text and document.index == 0:
            yield _of(".vault_pass", ".vault_pass", "ansible-vault", document.root, document)
    yield from _of_hosts(project)
    yield from _of_terraform(project)


def _of_hosts(project: Project) -> Iterator[Leftover]:
    hosts = project.hosts
    roots = [*(config.root for config in hosts.talconfigs), *(machine.root for machine in hosts.talos_machines)]
    for root in roots:
        for name in ("talosconfig", "kubeconfig"):
            yield _of(name, name, "Talos", root, root.document)
    for config in hosts.server_configs:
        if config.root is not None:
            tool = "RKE2" if "rke2" in config.name else "k3s"
            yield _of("kubeconfig", "kubeconfig", tool, config.root, config.root.document)


def _of_terraform(project: Project) -> Iterator[Leftover]:
    files = [text for text in project.texts if text.kind == "terraform"]
    for text in files or [text for text in project.named_for_credentials if text.path.endswith(".tfvars")]:
        repository = project.gitignores.repository_of(text.path)
        yield Leftover("terraform.tfstate", "*.tfstate*", "Terraform", start_of(text), repository)


def _of(name: str, pattern: str, tool: str, at: Field, document: Document) -> Leftover:
    return Leftover(name, pattern, tool, at, document.repository)
