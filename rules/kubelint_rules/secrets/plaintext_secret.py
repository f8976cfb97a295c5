"""Rule: plaintext-secret."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import KubeObject, Project

from .literals import RELEASE_TYPE, Literal
from .plain_words import is_sample, remedy
from .rendered_values import is_told_elsewhere
from .secret_entries import TEMPLATES, Entry, entries_generated, entries_of


class PlaintextSecret(ProjectRule):
    """A Secret with its values is committed in clear.

    ## What it does
    Decodes `data` of a Secret, reads `stringData`, and reports each entry whose value can be a credential;
    registry logins and configuration files are opened. So it does with what a `secretGenerator` takes, and with
    the templates of Sealed Secrets and External Secrets, which stay in clear. Names, addresses, certificates,
    password hashes, placeholders, templates and references to a secret store are no credentials. Encrypted
    files (SOPS, ansible-vault) and Secrets that a controller fills are left alone. An entry that `private-key`,
    `provider-token` or `credentials-in-url` speaks for is theirs.

    The record of a Helm release, which Helm keeps as a Secret, is an information: it holds all values that the
    release was given, compressed.

    ## Why it matters
    base64 is an encoding that anybody can undo. A Secret in git is a password in git, for everyone who has
    ever cloned it.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: grafana-admin
      namespace: monitoring
    type: Opaque
    data:
      admin-user: YWRtaW4=
      admin-password: <invented:password:base64>
    ```

    ## Use instead
    ```yaml
    apiVersion: bitnami.com/v1alpha1
    kind: SealedSecret
    metadata:
      name: grafana-admin
      namespace: monitoring
    spec:
      encryptedData:
        admin-password: AgCx7Yw0T9rJ1xM
    ```

    ## When to ignore
    For a Secret that only a throw-away cluster uses. Below `tests/`, `examples/`, `docs/` and `.archive/` it
    is a warning.

    ## References
    - [Secrets](https://kubernetes.io/docs/concepts/configuration/secret/): base64 is not encryption
    - [SOPS](https://getsops.io/), [Sealed Secrets](https://github.com/bitnami-labs/sealed-secrets),
      [External Secrets](https://external-secrets.io/)
    """

    meta = RuleMeta(
        id="plaintext-secret",
        summary="a Secret with its values is committed in clear",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
    )
    needs = frozenset({"Secret", "Kustomization", *TEMPLATES})
    marks = ("Secret", "secretGenerator")

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per entry; per line of a configuration file that stands in clear."""
        for obj in project.objects({"Secret", *TEMPLATES}):
            if obj.kind == "Secret" and obj.field("type").text == RELEASE_TYPE:
                yield from self._release(project, obj)
                continue
            for entry in entries_of(obj):
                if not is_told_elsewhere(project, obj.document, entry.text, str(entry.field.value)):
                    yield from self._entry(project, entry, obj.file)
        for generated in project.kustomizations.generated("Secret") if project.has_kustomizations() else ():
            for entry in entries_generated(project, generated):
                yield from self._entry(project, entry, entry.field.document.file)

    def _entry(self, project: Project, entry: Entry, file: str) -> Iterator[Finding]:
        field, literals = entry.field, entry.literals
        together = entry.whole or not literals[0].end
        for literal in literals[:1] if together else literals:
            words = _described(entry, literal) if together else f"{literal.kind}, {literal.length} characters"
            yield self.finding(
                f"`{field.display}` holds a credential in clear ({words}); whoever reads the repository can use it",
                at=field if together else field.slice(literal.start, literal.end),
                severity=Severity.WARNING if is_sample(file) else None,
            ).help(remedy(project, file))

    def _release(self, project: Project, obj: KubeObject) -> Iterator[Finding]:
        record = obj.field("data", "release")
        if isinstance(record.value, str) and record.value:
            yield self.finding(
                f"`{obj.display}` is Helm's record of a release: it holds the values that the release was given",
                at=record,
                severity=Severity.INFO,
            ).help("delete it from the repository, and rotate what the release was given")


def _described(entry: Entry, literal: Literal) -> str:
    """The first credential of an entry, where in it to look, and how many others there are."""
    line = entry.text.count("\n", 0, literal.start) + 1 if literal.end else 1
    where = f", on its line {line}" if line > 1 else ""
    more = f", and {len(entry.literals) - 1} more" if len(entry.literals) > 1 else ""
    return f"{literal.kind}, {literal.length} characters{where}{more}"
