"""Rule: no-secret-scanner."""

import re
from collections.abc import Iterator
from posixpath import basename

from kubelint.checks import Category, Finding, Location, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Document, Field, FieldKey, Project
from kubelint.manifests.texts import TextSlice

_SCANNER = re.compile(
    r"gitleaks|trufflehog|detect[-_]secrets|ggshield|gitguardian|git-secrets|talisman|ripsecrets|kingfisher|secretlint"
    r"|noseyparker|detect-private-key|detect-aws-credentials|forbid-secrets|infisical[- ]scan|kubelint(?!\s*:)|whispers"
    r"|(?<!no-)secret[-_ ]?(?:scan|detect)|scan[-_]secret|scanners?[\"']?[:= ][^\n]{0,40}secret|trivy|kubescape|checkov"
    r"|megalinter|super-linter|semgrep",
    re.IGNORECASE,
)
_CONFIGURATION = re.compile(
    r"(?:^|/)(?:\.github/(?:workflows|actions)/|\.gitlab-ci|\.gitlab/|\.circleci/|\.drone|\.woodpecker|\.forgejo/|\.gitea/"
    r"|azure-pipelines|bitbucket-pipelines|\.?[Tt]askfile|\.taskfiles/|\.pre-commit-config\.|\.?lefthook|package\.json$"
    r"|\.lintstagedrc|\.gitguardian|\.trivy|\.gitleaks|\.trufflehog|action\.ya?ml$|\.mega-linter|\.trunk/|\.semgrep)"
)
_TEXTS = frozenset({"shell", "tasks", "tools"})
_CHECKS = re.compile(r"secur|scan|secret|lint|check|pre-commit|quality", re.IGNORECASE)


class NoSecretScanner(ProjectRule):
    """Nothing in the repository shows that its commits are searched for secrets.

    ## What it does
    Looks for a scanner of secrets (gitleaks, detect-secrets, TruffleHog, ggshield, Talisman, kubelint itself and
    others) in the hooks of pre-commit, lefthook and husky, in workflows and other pipelines, in scripts, Makefiles and
    Taskfiles, and for the configuration of one. It speaks only of a repository that has hooks already, or a
    `.sops.yaml`, and only once.

    Hooks that come from elsewhere (lefthook's `remotes` and `extends`) and checks in workflows of other repositories
    may hold a scanner: then nothing is said. Push protection is a setting of GitHub that no file shows.

    ## Why it matters
    A key that a hook stops was never published. Every later place to notice it is a place where it has to be
    rotated.

    ## Example
    ```yaml title=".pre-commit-config.yaml"
    repos:
      - repo: https://github.com/pre-commit/pre-commit-hooks
        rev: v5.0.0
        hooks:
          - id: check-yaml
    ```

    ## Use instead
    ```yaml title=".pre-commit-config.yaml"
    repos:
      - repo: https://github.com/pre-commit/pre-commit-hooks
        rev: v5.0.0
        hooks:
          - id: check-yaml
      - repo: https://github.com/gitleaks/gitleaks
        rev: v8.28.0
        hooks:
          - id: gitleaks
    ```

    ## When to ignore
    Where pushes are scanned by a service, such as GitHub's push protection.

    ## References
    - [gitleaks](https://github.com/gitleaks/gitleaks#pre-commit),
      [detect-secrets](https://github.com/Yelp/detect-secrets#usage)
    - [Push protection](https://docs.github.com/en/code-security/secret-scanning/introduction/about-push-protection)
    """

    meta = RuleMeta(
        id="no-secret-scanner",
        summary="no evidence that commits are searched for secrets",
        category=Category.SECRETS,
        severity=Severity.INFO,
        since="0.1.0",
    )
    marks = (".pre-commit-config.", ".sops.", "lefthook", "husky", "githooks", "lint-staged", "prek")

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per repository, where a hook would be added."""
        if project.inside:  # hooks are set up at the top of a repository
            return
        for repository, at in sorted(_places(project).items()):
            if not _may_be_scanned(project, repository):
                file = Location.of(at).file
                where = "as a git hook or in CI" if basename(file) == ".sops.yaml" else "beside these hooks"
                yield (
                    self.finding("no evidence of a scanner for secrets in hooks or CI", at=at)
                    .help(f"add one {where}, such as gitleaks or detect-secrets, or turn on push protection")
                    .public()
                    .of_all()
                )


def _places(project: Project) -> dict[str, Field | FieldKey | TextSlice]:
    """Where a hook would be added, by repository: beside other hooks, else what speaks of secrets."""
    found: dict[str, Field | FieldKey | TextSlice] = {}
    for document in project.documents:
        if basename(document.file).startswith(".pre-commit-config.") and document.index == 0:
            found.setdefault(document.repository, document.root.get("repos"))
    for hook in project.git_hooks:
        repository = project.gitignores.repository_of(hook.file)
        found.setdefault(repository, hook.at.key if isinstance(hook.at, Field) else hook.at)
    for policy in project.sops_policies:
        found.setdefault(policy.document.repository, policy.field.get("creation_rules"))
    return found


def _may_be_scanned(project: Project, repository: str) -> bool:
    """Whether anything of the repository runs a scanner, or may."""
    return any(
        (
            any(hook.id is None for hook in project.git_hooks if _lies_in(project, hook.file, repository)),
            any(_names_scanner(project, repository)),
            any(_calls_checks(project, repository)),
        )
    )


def _names_scanner(project: Project, repository: str) -> Iterator[bool]:
    for text in project.texts:
        if (text.kind == "scanner" or text.kind in _TEXTS) and _lies_in(project, text.path, repository):
            yield text.kind == "scanner" or _SCANNER.search(text.text) is not None
    for document in project.documents:
        if document.index == 0 and document.repository == repository and _CONFIGURATION.search(document.file):
            yield _SCANNER.search(document.file) is not None or _SCANNER.search(document.text) is not None
            yield _includes_more(document)


def _includes_more(document: Document) -> bool:
    """Whether a pipeline of GitLab takes in others that are not here."""
    includes = document.root.get("include") if basename(document.file).startswith(".gitlab-ci") else None
    if includes is None or includes.absent:
        return False
    return any(not entry.get("local").exists for entry in includes.elements()) or not isinstance(includes.value, list)


def _calls_checks(project: Project, repository: str) -> Iterator[bool]:
    """Whether a job is a workflow of another repository that checks something."""
    for workflow in project.workflows:
        if workflow.document.repository == repository:
            for job in workflow.jobs:
                uses = job.uses.text or ""
                yield bool(uses) and not uses.startswith("./") and _CHECKS.search(uses) is not None


def _lies_in(project: Project, file: str, repository: str) -> bool:
    return project.gitignores.repository_of(file) == repository
