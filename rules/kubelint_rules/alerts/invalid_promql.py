"""Rule: invalid-promql."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.cluster.promql import Failure
from kubelint.manifests import Project, same_cluster
from kubelint.manifests.monitoring.alert_rules import AlertGroup
from kubelint_rules.alerts.alerting import RULES

_VICTORIA_KINDS = ("VMRule", "VMAlert", "VMSingle", "VMCluster", "VMAgent")


class InvalidPromql(ProjectRule):
    """Prometheus refuses an expression, and with it all rules of the file.

    ## What it does
    Parses the expressions of alerting and recording rules. Rules in MetricsQL and LogQL, clusters with VictoriaMetrics,
    text that a template fills in, and what newer versions of Prometheus may know are left alone.

    ## Why it matters
    Prometheus loads a file of rules whole or not at all: at the next reload none of the new configuration is taken, at
    the next restart it does not start. The operator's webhook refuses the object; without the webhook it drops it,
    and the alerts are gone.

    ## Example
    ```yaml title="rules/certificates.yaml"
    groups:
      - name: certificates
        rules:
          - alert: CertificateExpires
            expr: (probe_ssl_earliest_cert_expiry - time() < 604800
            labels: {severity: warning}
            annotations: {summary: "the certificate of {{ $labels.instance }} runs out"}
    ```

    ## Use instead
    ```yaml title="rules/certificates.yaml"
    groups:
      - name: certificates
        rules:
          - alert: CertificateExpires
            expr: (probe_ssl_earliest_cert_expiry - time()) < 604800
            labels: {severity: warning}
            annotations: {summary: "the certificate of {{ $labels.instance }} runs out"}
    ```

    ## When to ignore
    Where something else than Prometheus reads the rules.

    ## References
    - [Prometheus: querying](https://prometheus.io/docs/prometheus/latest/querying/basics/)
    - [promql-parser](https://github.com/messense/py-promql-parser)
    """

    meta = RuleMeta(
        id="invalid-promql",
        summary="Prometheus refuses an expression",
        category=Category.ALERTS,
        severity=Severity.ERROR,
        incident=6,
        since="0.1.0",
    )
    marks = RULES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each expression that Prometheus refuses for sure."""
        for group in project.alert_groups:
            if group.language != "promql":
                continue
            wrong = [(rule, rule.syntax) for rule in group.rules if isinstance(rule.syntax, Failure)]
            for rule, failure in wrong:
                if isinstance(failure, Failure) and failure.kind == "invalid" and not _is_victoria(project, group):
                    yield self.finding(
                        f"Prometheus refuses this expression: {_reason(failure)}",
                        at=rule.part(failure.start, failure.end),
                        note="none of the file's rules are loaded",
                    ).help("correct the expression; `promtool check rules` tells whether it is right")


def _reason(failure: Failure) -> str:
    text = " ".join(failure.reason.split())
    return text if len(text) <= 120 and text.isprintable() else "it cannot be parsed"


def _is_victoria(project: Project, group: AlertGroup) -> bool:
    """Whether VictoriaMetrics may read the group: its operator takes PrometheusRules too."""
    here = group.scope
    if any(same_cluster(obj.scope, here) for obj in project.objects(_VICTORIA_KINDS)):
        return True
    return any(
        (release.chart.name or "").startswith(("victoria-metrics", "vm")) and same_cluster(release.scope, here)
        for release in project.releases
    )
