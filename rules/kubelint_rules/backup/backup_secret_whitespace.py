"""Rule: backup-secret-whitespace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.longhorn.backup_targets import must_be_trimmed
from kubelint.cluster.secret_data import is_ciphertext
from kubelint.cluster.templates import has_template
from kubelint.manifests import Project
from kubelint.manifests.secret_sources import SecretKey
from kubelint_rules.backup.credentials import Credentials, credentials
from kubelint_rules.backup.targets import MARKS

_TRIMS = re.compile(r"\{[{%]-|-?%\}|-\}\}")
"""Template text that may take away the space beside it."""


class BackupSecretWhitespace(ProjectRule):
    """A value in the Secret of a backup target begins or ends with a space or a newline.

    ## What it does
    Decodes the values of the Secret that a backup target names and compares each that Longhorn reads with
    itself less the space around it. Encrypted values are left alone; a certificate may end in a newline. Of text
    that a template fills in, the space that is written around it counts.

    ## Why it matters
    Longhorn refuses such a value, but looks only while the backup target itself is changed. When a
    credential is rotated nothing else changes: the Secret is taken as it is, the newline becomes a part of
    the key, and from then on every backup fails. `echo $KEY | base64` and `stringData: |` both add one.

    ## Example
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: s3://volumes@eu-central-1/
      credentialSecret: backup-credentials
    ---
    apiVersion: v1
    kind: Secret
    metadata:
      name: backup-credentials
      namespace: longhorn-system
    stringData:
      AWS_IAM_ROLE_ARN: |
        arn:aws:iam::123456789012:role/volumes
    ```

    ## Use instead
    ```yaml
    apiVersion: longhorn.io/v1beta2
    kind: BackupTarget
    metadata:
      name: default
      namespace: longhorn-system
    spec:
      backupTargetURL: s3://volumes@eu-central-1/
      credentialSecret: backup-credentials
    ---
    apiVersion: v1
    kind: Secret
    metadata:
      name: backup-credentials
      namespace: longhorn-system
    stringData:
      AWS_IAM_ROLE_ARN: arn:aws:iam::123456789012:role/volumes
    ```
    In `data`, encode with `printf %s "$KEY" | base64 -w0`. After a rotation make a backup and see that it
    completes. If it does not, restart the manager, which is a DaemonSet:
    `kubectl -n longhorn-system rollout restart daemonset/longhorn-manager`.

    ## When to ignore
    Never: no credential of these stores begins or ends with a space.

    ## Fix safety
    Takes the space off values in `stringData`. What is base64 in `data` has to be encoded again by hand.

    ## References
    - longhorn-manager `webhook/resources/backuptarget/validator.go`, `validateCredentialSecret`;
      `controller/kubernetes_secret_controller.go`
    - longhorn/longhorn#7159
    """

    meta = RuleMeta(
        id="backup-secret-whitespace",
        summary="credential for backups with a space or newline around it",
        category=Category.BACKUP,
        severity=Severity.ERROR,
        incident=1,
        since="0.1.0",
        fixable=True,
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each value with space around it."""
        for found in credentials(project):
            for key in found.source.keys:
                text = _text(key)
                if text.strip() and text != text.strip() and must_be_trimmed(key.name):
                    yield self._finding(found, key, text)

    def _finding(self, found: Credentials, key: SecretKey, text: str) -> Finding:
        finding = self.finding(
            f"`{key.name}` {_where(text)} {_what(text)}, which becomes a part of it",
            at=key.field.key,
            note="backups fail once Longhorn reads it",
            severity=found.target.error,
        )
        finding = finding.label(found.target.secret, "the backup target that reads this Secret")
        if key.encoded:
            return finding.help('encode it again, with `printf %s "$KEY" | base64 -w0`')
        finding = finding.help("write the value without it, with `|-` in place of `|` if it is a block")
        return finding.fix(_fix(key))


def _text(key: SecretKey) -> str:
    """The value as far as it matters here: what templates put in stands for itself, the space around it stays.

    Template text that takes the space away (`-}}`) is nothing, and so is what is encrypted.
    """
    if key.text is not None:
        return key.text
    written = key.field.value
    if key.encoded or not isinstance(written, str) or not has_template(written):
        return ""
    return "" if is_ciphertext(written) or _TRIMS.search(written) else written


def _where(text: str) -> str:
    return "ends with" if text[:1].strip() else "begins with" if text[-1:].strip() else "has around it"


def _what(text: str) -> str:
    around = text[: len(text) - len(text.lstrip())] + text[len(text.rstrip()) :]
    return "a newline" if around.strip("\r\n") == "" else "a space"


def _fix(key: SecretKey) -> Fix | None:
    if key.field.value != key.text:
        return None
    return Fix.safe("remove the white space around the value", key.field.replace(json.dumps((key.text or "").strip())))
