"""Rule: secret-in-helm-values."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project

from .chart_values import credentials_in_values
from .named_values import NamedValue
from .plain_words import remedy, severity_of
from .telling import MARKS
from .value_references import reference_fix


class SecretInHelmValues(ProjectRule):
    """A chart is given a credential in clear.

    ## What it does
    Reads the values of every chart: in HelmReleases, HelmCharts, Argo CD Applications, helmfiles, values files,
    those that a chart is tested with, and the ConfigMaps and `--set` assignments that bring values in. It
    reports entries whose key says password, token, secret or key and whose value can be one, `name`/`value`
    pairs of that kind, and what configuration files within values assign. Names of objects and files,
    placeholders, templates and references are left alone. A value that `private-key`, `provider-token` or
    `credentials-in-url` speaks for is theirs.

    A value is reported where it is given, and not again in each template that uses it.

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
      valuesFrom:
        - kind: Secret
          name: wiki-values
          valuesKey: database.password
          targetPath: database.password
    ```

    Many charts take the name of a Secret instead, under a key such as `existingSecret`: then the value does not come
    to stand in the release's record either.

    ## Fix
    Takes the value out of a HelmRelease of Flux and adds a reference to a Secret `NAME-values` to `valuesFrom`. Flux
    reads the value as `helm --set` does: a comma in it needs a backslash, a number quotes. In a HelmChart of k3s it
    adds `valuesSecrets`, which k3s reads since v1.30.12, v1.31.8 and v1.32.4; the key `values.yaml` of the Secret holds
    YAML. Make the Secret first. There is no fix for values in lists, and none for other wrappers, which
    bring nothing in from Secrets.

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
        fixable=True,
    )
    marks = MARKS

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per value, where it is written."""
        for found, file in credentials_in_values(project):
            yield self._finding(project, found, file).fix(reference_fix(project, found))

    def _finding(self, project: Project, found: NamedValue, file: str) -> Finding:
        refer = "refer to it where the chart takes an existing Secret"
        return self.finding(
            f"value `{found.key}` of a chart is a credential in clear ({found.described()}); "
            "whoever reads the repository or the release can use it",
            at=found.at,
            severity=severity_of(file, proven=found.proven),
        ).help(remedy(project, file, refer=refer))
