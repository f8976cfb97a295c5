"""Rule: external-secret-never-refreshes."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ObjectRule, RuleMeta, Severity
from kubelint.cluster.secret_producers import is_generated, never_refreshes
from kubelint.manifests import Field, KubeObject

_STEPS = {"ExternalSecret": ("spec",), "ClusterExternalSecret": ("spec", "externalSecretSpec")}


class ExternalSecretNeverRefreshes(ObjectRule):
    """An ExternalSecret is fetched once and never again.

    ## What it does
    Finds ExternalSecrets and ClusterExternalSecrets with `refreshInterval: "0"` (or `0s`, `0`), or with
    `refreshPolicy: CreatedOnce`. What a generator makes is left alone, since each refresh would make another
    one; so are `refreshPolicy: OnChange` and `target.immutable`, which say that it is meant, and
    `creationPolicy: Orphan`, with which a Secret is handed over to somebody else, such as cert-manager.

    ## Why it matters
    When the credential is rotated where it is kept, the cluster goes on with the old one. Nothing reports
    it: the ExternalSecret stays `SecretSynced`.

    ## Example
    ```yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata: {name: web-database, namespace: shop}
    spec:
      refreshInterval: "0"
      secretStoreRef: {kind: ClusterSecretStore, name: vault}
      dataFrom: [{extract: {key: shop/database}}]
    ```

    ## Use instead
    ```yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata: {name: web-database, namespace: shop}
    spec:
      refreshInterval: 1h
      secretStoreRef: {kind: ClusterSecretStore, name: vault}
      dataFrom: [{extract: {key: shop/database}}]
    ```

    ## When to ignore
    For what cannot be rotated, such as the first password of a database that is changed inside of it.

    ## References
    - external-secrets `apis/externalsecrets/v1/externalsecret_types.go`, `RefreshPolicy`
    - [ExternalSecret: update behavior](https://external-secrets.io/latest/api/externalsecret/)
    """

    meta = RuleMeta(
        id="external-secret-never-refreshes",
        summary="ExternalSecret is fetched once and never again",
        category=Category.ROTATION,
        severity=Severity.WARNING,
        incident=1,
        since="0.1.0",
    )
    kinds = frozenset(_STEPS)

    def check(self, obj: KubeObject) -> Iterator[Finding]:
        """A finding where nothing is fetched again."""
        spec = obj.field(*_STEPS[obj.kind])
        found = never_refreshes(spec.value)
        if obj.group != "external-secrets.io" or found is None or obj.partial or is_generated(spec.value):
            return
        if _is_meant(spec):
            return
        at = spec.get(*found)
        yield self.finding(
            f"`{obj.display}` is fetched once: a rotation is never seen",
            at=at,
            note="0 is never" if found == ("refreshInterval",) else "never again",
        ).help("set `refreshInterval` to a time, such as `1h`, with the policy `Periodic`")


def _is_meant(spec: Field) -> bool:
    """Whether the Secret is never to change, or is handed over: a certificate that is renewed where it is used."""
    target = spec.get("target")
    return target.get("immutable").boolean is True or target.get("creationPolicy").value == "Orphan"
