"""The dead man's switch, followed from the alert to the receiver: through files, values, and the operator's objects."""

import pytest
from alert_trees import flux
from linting import lint_texts

from kubelint.checks import Severity

WATCHDOG = "watchdog-undelivered"
NOBODY, KEPT_OUT = "`Watchdog` goes to nobody", "`Watchdog` does not get to this route"
MATCHER = "matchers: [{name: alertname, value: Watchdog}]"
BEAT = f"{{receiver: nobody, routes: [{{receiver: beat, {MATCHER}}}]}}"
NULL = f"{{receiver: beat, routes: [{{receiver: nobody, {MATCHER}}}]}}"
ROOT = f"{{receiver: beat, {MATCHER}}}"
TEAM = "{receiver: nobody, matchers: [{name: team, value: a}], routes: [{receiver: beat, matchers: [{name: b}]}]}"
RECEIVERS = "[{name: nobody}, {name: beat, webhookConfigs: [{urlSecret: {name: a, key: b}}]}]"


def stack(alertmanager="", more="a: b", config=""):
    values = f"{more}\nalertmanager:\n  alertmanagerSpec: {{{alertmanager}}}\n"
    return {"stack.yaml": flux("kube-prometheus-stack", values + (f"  config: {config}\n" if config else ""))}


def strategy(kind):
    return stack(f"alertmanagerConfigMatcherStrategy: {{type: {kind}}}")


def part(route, namespace="monitoring", kind="AlertmanagerConfig", api="monitoring.coreos.com/v1alpha1"):
    return {
        "part.yaml": f"""\
apiVersion: {api}
kind: {kind}
metadata: {{name: part, namespace: {namespace}}}
spec:
  route: {route}
  receivers: {RECEIVERS}
"""
    }


def switch(labels="", expr="vector(1)"):
    labels = f", labels: {{{labels}}}" if labels else ""
    return {"rules.yaml": f"groups: [{{name: g, rules: [{{alert: Watchdog, expr: {expr}{labels}}}]}}]\n"}


OFF = "defaultRules: {disabled: {Watchdog: true}}"
GLOBAL = "alertmanagerConfiguration: {name: part}"
EXCEPT = "OnNamespaceExceptForAlertmanagerNamespace"
SERVERS = {
    "servers.yaml": """\
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {name: main, namespace: monitoring}
spec: {replicas: 3}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, namespace: monitoring}
spec: {replicas: 1}
"""
}
TO_NOBODY = (
    "{route: {receiver: chat, routes: [{receiver: 'null', matchers: [alertname=Watchdog]}]}, "
    "receivers: [{name: 'null'}, {name: chat, webhook_configs: [{url_file: a}]}]}"
)
TO_SOMEBODY = TO_NOBODY.replace("receiver: chat", "receiver: 'null'").replace(
    "receiver: 'null', m", "receiver: chat, m"
)


def prometheus(spec):
    return stack(more=f"prometheus: {{prometheusSpec: {{{spec}}}}}")


def found(files, severity=Severity.WARNING):
    report = lint_texts(files, select=(WATCHDOG,))
    assert not report.crashed
    return [finding for finding in report.findings if finding.meta.id == WATCHDOG and finding.severity is severity]


@pytest.mark.parametrize(
    ("files", "messages"),
    [
        # an object's routes see the alerts of its namespace only
        (stack() | part(BEAT), [KEPT_OUT]),
        (stack() | part(ROOT), [KEPT_OUT]),
        (SERVERS | part(BEAT), [KEPT_OUT]),
        (strategy("OnNamespace") | part(BEAT), [KEPT_OUT]),
        (strategy("None") | part(BEAT), []),
        (strategy("None") | part(NULL), [NOBODY]),
        (strategy(EXCEPT) | part(BEAT), []),
        (strategy(EXCEPT) | part(BEAT, "shop"), [KEPT_OUT]),
        (strategy("'${STRATEGY}'") | part(BEAT), []),
        (stack(GLOBAL) | part(BEAT), []),
        (stack(GLOBAL) | part(NULL), [NOBODY]),
        (stack("alertmanagerConfiguration: {name: other}") | part(BEAT), [KEPT_OUT]),
        (stack() | part(NULL), []),  # it never gets there
        (part(NULL), [NOBODY]),
        (part(BEAT), []),
        (stack() | part(BEAT, kind="VMAlertmanagerConfig", api="operator.victoriametrics.com/v1beta1"), []),
        # what gives the alert a namespace
        (prometheus("enforcedNamespaceLabel: namespace") | part(BEAT), []),
        (prometheus("externalLabels: {namespace: monitoring}") | part(BEAT), []),
        (prometheus("externalLabels: {cluster: home}") | part(BEAT), [KEPT_OUT]),
        (prometheus("externalLabels: '${LABELS}'") | part(BEAT), []),
        (prometheus("additionalAlertRelabelConfigs: [{}]") | part(BEAT), []),
        (stack(more=OFF) | part(BEAT) | switch("namespace: monitoring"), []),
        (stack(more=OFF) | part(BEAT) | switch("namespace: other"), [KEPT_OUT]),
        (stack(more=OFF) | part(BEAT) | switch("namespace: '{{ $externalLabels.namespace }}'"), []),
        # the object's root is one route among others
        (strategy("None") | part(TEAM), []),
        # whether there is a Watchdog at all
        (stack(GLOBAL, OFF) | part(NULL), []),
        (stack(GLOBAL, OFF) | part(NULL) | switch(), [NOBODY]),
        (stack(GLOBAL, OFF) | part(NULL) | switch(expr="up == 0"), []),
        (stack(GLOBAL, "defaultRules: {create: false}") | part(NULL), []),
        (stack(GLOBAL, "defaultRules: {rules: {general: false}}") | part(NULL), []),
        (stack(GLOBAL, "defaultRules: {rules: {alertmanager: false}}") | part(NULL), [NOBODY]),
        # several configurations
        (stack(config=TO_NOBODY), [NOBODY]),
        (stack(config=TO_SOMEBODY), []),
        (stack(config=TO_SOMEBODY) | part(BEAT), []),
        (stack(config=TO_NOBODY) | part(BEAT), [KEPT_OUT, NOBODY]),
        (strategy("None") | part(BEAT) | {"alertmanager.yml": TO_NOBODY}, []),
    ],
)
def test_who_hears_of_it(files, messages):
    assert sorted(finding.message for finding in found(files)) == sorted(messages)


def test_values_from_outside_may_say_anything():
    files = stack() | part(BEAT)
    hidden = files["stack.yaml"].replace("  values:", "  valuesFrom: [{kind: Secret, name: outside}]\n  values:")
    assert len(found(files)) == 1 and not found(files | {"stack.yaml": hidden})


def test_what_keeps_it_out_is_shown():
    files = stack() | part(BEAT)
    (finding,) = found(files)
    text = files["part.yaml"][finding.place.span.start : finding.place.span.end]
    assert text == "{name: alertname, value: Watchdog}" and "OnNamespaceExceptFor" in finding.help_text
    (server,) = finding.related
    assert server.place.path == "stack.yaml"


SILENCE = """\
apiVersion: observability.giantswarm.io/v1alpha1
kind: Silence
metadata: {{name: a}}
spec: {{matchers: [{matchers}]}}
"""


@pytest.mark.parametrize(
    ("matchers", "wrong"),
    [
        ("{name: alertname, value: Watchdog, isRegex: false}", True),
        ("{name: alertname, value: 'Watch.*', isRegex: true}", True),
        ("{name: alertname, value: Watchdog, matchType: '='}", True),
        ("{name: alertname, value: Watchdog}, {name: severity, value: none}", True),
        ("{name: alertname, value: Watchdog}, {name: severity, value: critical}", False),
        ("{name: alertname, value: Watchdog, isEqual: false}", False),
        ("{name: alertname, value: WatchDog}", False),
        ("{name: alertname, value: '${ALERT}'}", False),
        ("{name: severity, value: none}", False),
    ],
)
def test_silences(matchers, wrong):
    assert bool(found({"silence.yaml": SILENCE.format(matchers=matchers)})) is wrong


@pytest.mark.parametrize(
    ("repeat", "told"), [("12h", True), ("1h", True), ("30m", False), ("5m", False), ("'${REPEAT}'", False)]
)
def test_where_all_alerts_go_nobody_misses_it(repeat, told):
    config = (
        f"{{route: {{receiver: chat, repeat_interval: {repeat}}}, receivers: [{{name: chat, slack_configs: [{{}}]}}]}}"
    )
    assert bool(found(stack(config=config), Severity.INFO)) is told
