"""What the tests of deployers share: projects of files given as text, a workflow, a runner that takes its job."""

from __future__ import annotations

from textwrap import dedent, indent

from kubelint.manifests import Document, Project
from kubelint.manifests.deployers import DeployerRun, deployers
from kubelint.manifests.settings import ClusterSettings
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, text_kind

FLOW = ".github/workflows/deploy.yaml"
RUNNER = """
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {name: deploy, namespace: ci}
spec:
  template:
    spec:
      repository: shop/web
      serviceAccountName: deployer
      labels: [deploy]
"""
DEPLOYER = "ServiceAccount ci/deployer"


def flow(*steps: str, runs_on: str = "[self-hosted, deploy]", job: str = "", head: str = "on: push") -> str:
    """A workflow of one job. A step is YAML, or the text of a script."""
    lines = [f"{dedent(head).strip()}\njobs:\n  deploy:\n    runs-on: {runs_on}"]
    if job:
        lines.append(indent(dedent(job).strip(), "    "))
    lines.append("    steps:\n      - uses: actions/checkout@v4")
    for step in steps:
        text = dedent(step).strip()
        written = (
            text
            if text.startswith(("- uses:", "- run:", "- {", "- name:", "- if:"))
            else f"- run: |\n{indent(text, '    ')}"
        )
        lines.append(indent(written, "      "))
    return "\n".join(lines) + "\n"


def composite(*steps: str) -> str:
    """An `action.yml` whose steps are scripts."""
    lines = ["name: deploy\nruns:\n  using: composite\n  steps:"]
    for step in steps:
        text = dedent(step).strip()
        written = text if text.startswith("- ") else f"- shell: bash\n  run: |\n{indent(text, '    ')}"
        lines.append(indent(written, "    "))
    return "\n".join(lines) + "\n"


def project(files: dict[str, str], declared: tuple[str, ...] = ()) -> Project:
    """A project of files."""
    texts = [
        TextFile(name, kind, lambda name=name, text=text: SourceFile(name, dedent(text)))  # type: ignore[misc]
        for name, text in files.items()
        if (kind := text_kind(name)) is not None
    ]
    known = {text.path for text in texts}
    sources = [read_documents(name, text) for name, text in files.items() if name not in known]
    documents = (Document(document) for source in sources for document in source.documents)
    return Project(documents, ClusterSettings(deployers=declared), texts=texts)


def runs(files: dict[str, str], declared: tuple[str, ...] = ()) -> list[DeployerRun]:
    """Everything that deploys in a project of files."""
    return deployers(project(files, declared))


def of_flow(text: str, files: dict[str, str] | None = None, runner: str = RUNNER) -> list[DeployerRun]:
    """What a workflow deploys where one runner takes its job."""
    return runs({FLOW: text, "runner.yaml": runner, **(files or {})})


def who(found: list[DeployerRun]) -> list[str]:
    """The identities, as people write them."""
    return [str(run.who.identity) for run in found]
