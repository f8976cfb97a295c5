"""Rule: secret-in-helm-values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubelint.checks import Category, Finding, ReleaseRule, RuleMeta, Severity
from kubelint.manifests import Document, Field
from kubelint.manifests.releases import Release

from .credentials import credentials_in
from .encodings import is_encrypted
from .plain_words import REMEDY
from .secret_objects import is_sealed

Path = tuple[Any, ...]

_TELLING = ("pass", "pw", "secret", "token", "key")


class SecretInHelmValues(ReleaseRule):
    """A chart is given a credential in clear.

    ## What it does
    Reads the values of every chart: in HelmReleases, HelmCharts, Argo CD Applications, helmfiles, values files,
    and the ConfigMaps and `--set` assignments that bring values in. It reports entries whose key says password,
    token, secret or key and whose value can be one, and `name`/`value` pairs of that kind. Names of objects and
    files, placeholders, templates and references are left alone. A value that `private-key`, `provider-token` or
    `credentials-in-url` speaks for is theirs.

    ## Why it matters
    Values are in git, in the release's record inside the cluster, and in the output of `helm get values`. Most
    charts make a Secret of them, which looks as if they were safe.

    ## Example
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: wiki
      namespace: wiki
    spec:
      interval: 1h
      chart:
        spec:
          chart: wiki
          sourceRef: {kind: HelmRepository, name: wiki}
      values:
        database:
          password: <invented:password>
    ```

    ## Use instead
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: wiki
      namespace: wiki
    spec:
      interval: 1h
      chart:
        spec:
          chart: wiki
          sourceRef: {kind: HelmRepository, name: wiki}
      values:
        database:
          existingSecret: wiki-database
    ```

    ## When to ignore
    For a value that is public although its key is called a token or key.

    ## References
    - [Values files](https://helm.sh/docs/chart_template_guide/values_files/)
    - [Flux: values references](https://fluxcd.io/flux/components/helm/helmreleases/#values-references)
    """

    meta = RuleMeta(
        id="secret-in-helm-values",
        summary="a chart is given a credential in clear",
        category=Category.SECRETS,
        severity=Severity.WARNING,
        incident=10,
        since="0.1.0",
    )

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._read: set[tuple[Document, Path]] = set()  # many releases may be given the same ConfigMap

    def check(self, release: Release) -> Iterator[Finding]:
        """One finding per value, where it is written."""
        for source in release.sources:
            shared = source.form in ("ConfigMap", "file", "generator", "defaults")
            place = (source.values.document, source.values.path)
            if shared and place in self._read:
                continue
            self._read.add(place)
            if not is_sealed(source.values.document.root):
                for field, key in _named_values(source.values):
                    if _is_credential(key, field.text or ""):
                        yield self._finding(field, key)

    def _finding(self, field: Field, key: str) -> Finding:
        length = len(field.text or "")
        return self.finding(
            f"value `{key}` of a chart is a credential in clear ({length} characters); "
            "whoever reads the repository or the release can use it",
            at=field,
        ).help(REMEDY)


def _named_values(values: Field) -> Iterator[tuple[Field, str]]:
    """The known strings below `values`, each with the key, or the `name` beside a `value`, that says what it is."""
    seen: set[int] = set()
    left = [values]
    while left:
        here = left.pop()
        if id(here.value) in seen:  # an anchor, given again
            continue
        seen.add(id(here.value))
        name = here.get("name").text
        for key, field in here.items():
            told = name if key == "value" and name else key
            if field.text and any(word in told.lower() for word in _TELLING):
                yield field, told
            elif isinstance(field.value, dict | list):
                left.append(field)
        left += [field for field in here.elements() if isinstance(field.value, dict | list)]


def _is_credential(key: str, value: str) -> bool:
    from .plausibility import is_plausible, names_secret  # most charts have no key like that

    return names_secret(key) and is_plausible(value) and not is_encrypted(value) and not credentials_in(value)
