"""Rule: last-applied-secret."""

from collections.abc import Iterator

from kubelint.checks import Category, DocumentRule, Finding, Fix, RuleMeta, Severity
from kubelint.manifests import Document, Field

from .applied_copies import COPIES, credentials_in_copy, objects_in
from .encodings import is_encrypted


class LastAppliedSecret(DocumentRule):
    """An annotation repeats an object with its credentials.

    ## What it does
    Reads `kubectl.kubernetes.io/last-applied-configuration`, which `kubectl apply` leaves on every object as a
    copy of what was applied, and `kapp.k14s.io/original`. It reports copies that hold a credential: a Secret
    with its values, variables or ConfigMap entries that name one. Encrypted and empty copies are left alone. A
    value that `private-key`, `provider-token` or `credentials-in-url` finds in the annotation is theirs.

    ## Why it matters
    Manifests that were exported with `kubectl get -o yaml` carry it along. When the object itself is encrypted
    or emptied afterwards the copy stays, in clear, and SOPS leaves it so wherever it encrypts `data` only.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: wiki-database
      namespace: wiki
      annotations:
        kubectl.kubernetes.io/last-applied-configuration: |
          {"apiVersion":"v1","kind":"Secret","metadata":{"name":"wiki-database"},"data":{"password":"<invented:password:base64>"}}
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: wiki-database
      namespace: wiki
    ```

    ## Fix
    Deletes the annotation. `kubectl apply` writes it anew in the cluster. The value stays in the history of the
    repository and has to be rotated. In a file under SOPS there is no fix: its checksum covers the annotation.

    ## When to ignore
    Never: nothing reads the annotation from a file.

    ## References
    - [How apply works](https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#how-apply-calculates-differences-and-merges-changes)
    """

    meta = RuleMeta(
        id="last-applied-secret",
        summary="an annotation repeats an object with its credentials",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
        fixable=True,
    )
    marks = COPIES

    def check(self, document: Document) -> Iterator[Finding]:
        """One finding per annotation."""
        for obj in objects_in(document.root):
            annotations = obj.get("metadata", "annotations")
            for name in COPIES:
                copy = annotations.get(name)
                if isinstance(copy.value, str) and not is_encrypted(copy.value):
                    yield from self._in_copy(annotations, copy, name)

    def _in_copy(self, annotations: Field, copy: Field, name: str) -> Iterator[Finding]:
        found = credentials_in_copy(copy)
        if not found:
            return
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        is_sealed = copy.document.root.get("sops").exists
        how = " with `sops edit`, which renews the checksum of the file" if is_sealed else ""
        finding = self.finding(
            f"the annotation `{name}` repeats `{found[0]}`{more} in clear; whoever reads the repository can use it",
            at=copy,
        ).help(
            "revoke and rotate it first, since everyone with a clone has it; "
            f"then delete the annotation{how}, and purge it from history with `git filter-repo`"
        )
        edit = annotations.delete() if len(annotations.value) == 1 else copy.delete()
        yield finding if is_sealed else finding.fix(Fix.unsafe("delete the annotation", edit))
