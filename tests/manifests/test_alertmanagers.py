"""Alertmanager's configuration: every place that holds one, read into one view, in one plain shape."""

import base64

import pytest
from linting import REGISTRY  # noqa: F401 - imports the rule packages in the order that a run does

from kubelint.checks import Location
from kubelint.engine.places import Places
from kubelint.manifests import Document, Project
from kubelint.manifests.layered import Layered, unknown_layer
from kubelint.manifests.releases import ChartRef, Release, ValuesSource
from kubelint.sources import read_documents


def project(text, chart=None, file="monitoring/alertmanager.yml", outside=False):
    source = read_documents(file, text)
    found = Project(Document(document) for document in source.documents)
    root = found.documents[0].root if found.documents else None
    found.releases = []
    if chart is not None:
        sources = (ValuesSource("file", root, root),)
        if outside:
            sources = (ValuesSource("outside", unknown_layer(root), root), *sources)
        ref = ChartRef(chart, None, None, None, root)
        found.releases = [Release("chart", root, ref, name=None, namespace=None, sources=sources)]
    return found


def read(text, chart=None, **more):
    return project(text, chart, **more).alertmanagers


def one(text, chart=None, **more):
    (found,) = read(text, chart, **more)
    return found


def shown(target):
    location = Location.of(target)
    field = getattr(target, "field", target)
    source = field.document.source.source
    found = Places({source.path: source}).find(location)
    return source.text[found.span.start : found.span.end]


UPSTREAM = """\
global: {resolve_timeout: 5m}
templates: ['/etc/alertmanager/*.tmpl']
route:
  receiver: pager
  group_by: [alertname, job]
  group_wait: 30s
  routes:
    - receiver: heartbeat
      matchers: ['alertname="Watchdog"']
      repeat_interval: 5m
      continue: true
    - match: {severity: none, port: 80}
      match_re: {namespace: 'kube-.*'}
      mute_time_intervals: [nights]
      routes:
        - matchers:
            - severity =~ "warning|critical", team!="web"
            - '"zone.name"="a"'
receivers:
  - name: pager
    pagerduty_configs: [{routing_key_file: /run/key}]
    slack_configs: [{channel: ops}, {channel: dev}]
  - name: heartbeat
    webhook_configs: [{url_file: /run/url}]
  - name: "null"
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_match: {severity: warning}
    equal: [alertname]
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: '00:00', end_time: '06:00'}], days_of_month: ['1:5']}]
"""


def triples(matchers):
    return [(matcher.name, matcher.op, matcher.value) for matcher in matchers]


def check(found):
    root, beat, quiet, deep = found.routes
    assert root.receiver.text == "pager" and root.matchers == [] and root.group_by.strings() == ["alertname", "job"]
    assert beat.receiver.text == "heartbeat" and triples(beat.matchers) == [("alertname", "=", "Watchdog")]
    assert beat.continue_.boolean is True and root.continue_.absent and beat.repeat_interval.text == "5m"
    assert quiet.receiver is None and deep.receiver is None
    assert triples(quiet.matchers) == [("severity", "=", "none"), ("port", "=", "80"), ("namespace", "=~", "kube-.*")]
    assert quiet.mute_time_intervals.strings() == ["nights"] and quiet.active_time_intervals.absent
    assert triples(deep.matchers) == [
        ("severity", "=~", "warning|critical"), ("team", "!=", "web"), ("zone.name", "=", "a"),
    ]  # fmt: skip
    assert {
        receiver.name: [integration.kind for integration in receiver.integrations] for receiver in found.receivers
    } == {"pager": ["pagerduty", "slack", "slack"], "heartbeat": ["webhook"], "null": []}
    (rule,) = found.inhibit_rules
    assert triples(rule.source.known) == [("severity", "=", "critical")]
    assert triples(rule.target.known) == [("severity", "=", "warning")] and rule.equal.strings() == ["alertname"]
    assert [interval.name for interval in found.intervals] == ["nights"]
    assert not found.unknown and not found.hidden and not found.partial
    assert found.receiver("null").field.get("name").text == "null" and found.receiver("nobody") is None


def test_a_file():
    found = one(UPSTREAM)
    check(found)
    assert (found.origin, found.owner, found.scope) == ("file", None, "")
    team = found.routes[3].matchers[1]
    assert shown(team.at) == 'team!="web"' and shown(found.routes[2].matchers[1].at) == "80"
    assert found.plain() == read_documents("a.yaml", UPSTREAM).documents[0].value


def indented(text, by):
    return text.replace("\n", "\n" + " " * by).rstrip() + "\n"


def wrapped(kind, where, api="v1"):
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: alertmanager, namespace: monitoring}}\n{where}"


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ("Secret", wrapped("Secret", f"stringData:\n  alertmanager.yaml: |\n    {indented(UPSTREAM, 4)}")),
        ("Secret", wrapped("Secret", f"stringData:\n  config.yaml: |-\n    {indented(UPSTREAM, 4)}")),
        ("ConfigMap", wrapped("ConfigMap", f"data:\n  alertmanager.yml: |\n    {indented(UPSTREAM, 4)}")),
        (
            "ExternalSecret",
            wrapped(
                "ExternalSecret",
                "spec:\n  target:\n    template:\n      data:\n"
                f"        alertmanager.yaml: |\n          {indented(UPSTREAM, 10)}",
                "external-secrets.io/v1",
            ),
        ),
        (
            "VMAlertmanager",
            wrapped(
                "VMAlertmanager",
                f"spec:\n  configRawYaml: |\n    {indented(UPSTREAM, 4)}",
                "operator.victoriametrics.com/v1beta1",
            ),
        ),
        (
            "VMAlertmanagerConfig",
            wrapped(
                "VMAlertmanagerConfig", f"spec:\n  {indented(UPSTREAM, 2)}", "operator.victoriametrics.com/v1beta1"
            ),
        ),
    ],
)
def test_objects(origin, text):
    found = one(text)
    check(found)
    assert found.origin == origin and found.owner.display == f"{origin} monitoring/alertmanager"
    assert shown(found.routes[3].matchers[1].at) == 'team!="web"'


def test_base64_points_at_its_key():
    coded = base64.b64encode(UPSTREAM.encode()).decode()
    found = one(wrapped("Secret", f"data:\n  other.yaml: eA==\n  alertmanager.yaml: {coded}\n"))
    check(found)
    for target in (found.routes[1].receiver, found.routes[3].matchers[1].at, found.receivers[2].field):
        assert shown(target) == "alertmanager.yaml"


@pytest.mark.parametrize(
    ("chart", "path", "partial"),
    [
        ("kube-prometheus-stack", "alertmanager.config", False),
        ("alertmanager", "config", False),
        ("victoria-metrics-k8s-stack", "vmalertmanager.config", False),
        ("prometheus", "alertmanagerFiles.alertmanager", False),
    ],
)
def test_values(chart, path, partial):
    text, pad = "", 0
    for step in path.split("."):
        text += " " * pad + step + ":\n"
        pad += 2
    found = one(text + " " * pad + indented(UPSTREAM, pad), chart, file="values.yaml")
    check(found)
    assert (found.origin, found.owner.chart.name) == ("values", chart)


def test_text_in_values():
    text = "alertmanager:\n  stringConfig: |\n    " + indented(UPSTREAM, 4)
    found = one(text, "kube-prometheus-stack", file="values.yaml")
    check(found)
    assert shown(found.routes[1].receiver) == "heartbeat"


def test_a_part_of_the_values_leaves_the_rest_to_the_chart():
    found = one("alertmanager: {config: {route: {receiver: pager}}}\n", "kube-prometheus-stack", file="values.yaml")
    assert found.partial and found.route.receiver.text == "pager" and found.receivers == []
    assert read("config: {route: {receiver: a}}\n", "web") == []
    assert one("config: {route: {receiver: a}}\n", "alertmanager").partial


def test_values_from_outside_hide():
    text = "alertmanager:\n  config:\n    " + indented(UPSTREAM, 4)
    assert read(text, "kube-prometheus-stack", outside=True) == [] or one(text, "a", outside=True).hidden
    root = Document(read_documents("values.yaml", text).documents[0]).root
    layered = Layered([root.get("alertmanager", "config"), unknown_layer(root)])
    from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration

    assert AlertmanagerConfiguration(layered, "values").hidden


CUSTOM = """\
apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
metadata: {name: web, namespace: shop}
spec:
  route:
    receiver: pager
    groupBy: [alertname]
    groupWait: 30s
    routes:
      - receiver: beat
        repeatInterval: 5m
        matchers: [{name: alertname, value: Watchdog, matchType: "="}]
      - matchers:
          - {name: severity, value: 'a"b|c', regex: true}
          - {name: team, value: web, matchType: "!="}
          - {name: zone.name, matchType: "!~", value: x}
          - {name: empty}
        muteTimeIntervals: [nights]
  receivers:
    - name: pager
      slackConfigs: [{channel: ops, sendResolved: true, apiURL: {name: slack, key: url}}]
    - name: beat
      webhookConfigs: [{urlSecret: {name: beat, key: url}}]
    - name: "null"
  inhibitRules:
    - sourceMatch: [{name: severity, value: critical}]
      targetMatch: [{name: severity, value: 'warning|info', matchType: =~}]
      equal: [namespace]
  muteTimeIntervals:
    - name: nights
      timeIntervals:
        - times: [{startTime: '00:00', endTime: '06:00'}]
          daysOfMonth: [{start: 1, end: 5}, {start: 9}]
          weekdays: ['monday:friday']
"""


def test_the_operators_object():
    found = one(CUSTOM)
    root, beat, rest = found.routes
    assert (found.origin, found.owner.namespace) == ("AlertmanagerConfig", "shop")
    assert root.group_wait.text == "30s" and beat.repeat_interval.text == "5m"
    assert triples(rest.matchers) == [
        ("severity", "=~", 'a"b|c'), ("team", "!=", "web"), ("zone.name", "!~", "x"), ("empty", "=", ""),
    ]  # fmt: skip
    assert shown(rest.matchers[1].at) == '{name: team, value: web, matchType: "!="}'
    assert [integration.kind for integration in found.receivers[1].integrations] == ["webhook"]
    assert found.plain() == {
        "route": {
            "receiver": "pager",
            "group_by": ["alertname"],
            "group_wait": "30s",
            "routes": [
                {"receiver": "beat", "repeat_interval": "5m", "matchers": ['alertname="Watchdog"']},
                {
                    "matchers": ['severity=~"a\\"b|c"', 'team!="web"', '"zone.name"!~"x"', 'empty=""'],
                    "mute_time_intervals": ["nights"],
                },
            ],
        },
        "receivers": [
            {
                "name": "pager",
                "slack_configs": [
                    {"channel": "ops", "send_resolved": True, "api_url": {"name": "slack", "key": "url"}}
                ],
            },
            {"name": "beat", "webhook_configs": [{"url_secret": {"name": "beat", "key": "url"}}]},
            {"name": "null"},
        ],
        "inhibit_rules": [
            {
                "source_matchers": ['severity="critical"'],
                "target_matchers": ['severity=~"warning|info"'],
                "equal": ["namespace"],
            }
        ],
        "time_intervals": [
            {
                "name": "nights",
                "time_intervals": [
                    {
                        "times": [{"start_time": "00:00", "end_time": "06:00"}],
                        "days_of_month": ["1:5", "9"],
                        "weekdays": ["monday:friday"],
                    }
                ],
            }
        ],
    }


def test_what_is_unknown_is_not_missing():
    found = one("route: {receiver: '${RECEIVER}', routes: ['{{ x }}', {matchers: '${M}', match: {a: '{{ b }}'}}]}\n"
                "receivers: [{name: a, '{{ x }}': 1}, '${MORE}']\n")  # fmt: skip
    root, below = found.routes
    assert root.receiver.unknown and found.hidden and not found.unknown
    assert below.matchers == [] and len(below.all_matchers.unknown) == 2 and below.all_matchers.unreadable == []
    assert [receiver.unknown for receiver in found.receivers] == [True]


@pytest.mark.parametrize(
    "text",
    [
        wrapped("Secret", "stringData: {alertmanager.yaml: 'ENC[AES256_GCM,data:x]'}\n"),
        wrapped("Secret", "data: {alertmanager.yaml: 'ENC[AES256_GCM,data:x]'}\n"),
        wrapped("Secret", "data: {alertmanager.yaml: '%%%'}\n"),
        wrapped("Secret", "stringData: {alertmanager.yaml: '${CONFIG}'}\n"),
        wrapped("ConfigMap", "data: {alertmanager.yml: '{{ toYaml .Values.config }}'}\n"),
        wrapped("AlertmanagerConfig", "spec: x\n", "monitoring.coreos.com/v1beta1"),
        wrapped("AlertmanagerConfig", "", "monitoring.coreos.com/v1beta1"),
        wrapped("VMAlertmanager", "spec: {configRawYaml: '${X}'}\n", "operator.victoriametrics.com/v1beta1"),
        "route: {receiver: 'ENC[x]'}\nreceivers: [{name: 'ENC[x]'}]\nsops: {mac: x, version: 3.9.0}\n",
        "${CONFIG}\n",
    ],
)
def test_unreadable_configurations_are_there(text):
    found = one(text)
    assert found.unknown and found.hidden and found.routes == [] == found.receivers and found.plain() == {}


@pytest.mark.parametrize(
    "text",
    [
        "route: {receiver: a}\n",
        "route: [receiver]\nreceivers: [{name: a}]\n",
        "route: {main: {hostnames: [a]}}\nreceivers: [{name: a}]\n",
        "route: {receiver: a}\nreceivers: {otlp: {}}\n",
        "kind: Config\nroute: {receiver: a}\nreceivers: []\n",
        wrapped("ConfigMap", "data: {alertmanager.yml: '{}', other.yml: 'receivers: [a]'}\n"),
        wrapped("Secret", "data: [alertmanager.yaml]\nstringData: {alertmanager.yaml: 3}\n"),
        wrapped("VMAlertmanager", "spec: {configSecret: a}\n", "operator.victoriametrics.com/v1beta1"),
    ],
)
def test_what_is_no_configuration(text):
    assert read(text) == []


@pytest.mark.parametrize(
    ("route", "routes", "unreadable"),
    [
        ("{receiver: 3, routes: {a: b}}", 1, 0),
        ("{receiver: [a], routes: [a, null, [b], {}]}", 2, 0),
        ("{receiver: a, matchers: [3, null, [a], 'x', 'a=\"b']}", 1, 5),
        ("{receiver: a, matchers: {a: b}}", 1, 1),
        ("{receiver: a, match: [a], match_re: 3}", 1, 2),
        ("{receiver: a, match: {a: [b], c: null, d: true}}", 1, 1),
        ("{receiver: a, matchers: [{name: a, value: b, matchType: '=='}]}", 1, 1),
        ("{receiver: a, matchers: 'a=b,c!~d'}", 1, 0),
    ],
)
def test_bad_routes(route, routes, unreadable):
    text = f"route: {route}\nreceivers: [a, null, {{name: [b]}}, {{webhook_configs: x}}, {{email_configs: [null]}}]\n"
    found = one(text)
    assert len(found.routes) == routes
    assert len(found.routes[0].all_matchers.unreadable) == unreadable
    assert [len(receiver.integrations) for receiver in found.receivers] == [0, 0, 0]
    assert isinstance(found.plain()["route"], dict)


def test_receivers_and_rules_of_the_wrong_shape():
    found = one("route: {receiver: a}\nreceivers: []\ninhibit_rules: {a: b}\ntime_intervals: [a]\nglobal: [x]\n")
    assert found.receivers == [] == found.inhibit_rules == found.intervals
    assert found.plain() == {"route": {"receiver": "a"}, "global": ["x"]}


def test_routes_that_contain_themselves_are_no_document():
    assert read("route: &r {receiver: a, routes: [*r]}\nreceivers: [{name: a}]\n") == []


def test_aliases_that_multiply_end():
    lines = ["x0: &x0 {receiver: a}"]
    lines += [f"x{n}: &x{n} {{routes: [{', '.join([f'*x{n - 1}'] * 9)}]}}" for n in range(1, 6)]
    found = one("\n".join(lines) + "\nroute: {routes: [*x5, *x5]}\nreceivers: [{name: a}]\n")
    assert len(found.routes) == 20_000
    assert len(found.plain()["route"]["routes"]) == 2


OBJECT = """\
apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
metadata: {name: chat, namespace: shop}
spec:
  route:
    receiver: room
    muteTimeIntervals: [nights]
    matchers: [{name: severity, value: critical}]
    routes:
      - {receiver: ops, activeTimeIntervals: [days], matchers: [{name: team, value: ops}]}
      - {groupBy: [job]}
  receivers: [{name: room}, {name: ops}]
  muteTimeIntervals: [{name: nights}, {name: days}]
  inhibitRules:
    - {sourceMatch: [{name: a, value: b}], targetMatch: [{name: namespace, value: shop}], equal: [job]}
"""


def test_an_object_gets_names_of_its_own_and_its_namespace():
    generated = one(OBJECT).as_generated()
    assert generated["route"] == {
        "receiver": "shop/chat/room",
        "mute_time_intervals": ["shop/chat/nights"],
        "continue": True,
        "matchers": ['severity="critical"', 'namespace="shop"'],
        "routes": [
            {
                "receiver": "shop/chat/ops",
                "active_time_intervals": ["shop/chat/days"],
                "matchers": ['team="ops"'],
            },
            {"group_by": ["job"]},
        ],
    }
    assert [receiver["name"] for receiver in generated["receivers"]] == ["shop/chat/room", "shop/chat/ops"]
    assert [interval["name"] for interval in generated["time_intervals"]] == ["shop/chat/nights", "shop/chat/days"]
    (rule,) = generated["inhibit_rules"]
    assert rule["source_matchers"] == ['a="b"', 'namespace="shop"'] and rule["target_matchers"] == ['namespace="shop"']


def test_the_only_configuration_of_an_alertmanager_is_for_all_namespaces():
    generated = one(OBJECT).as_generated(alone=True)
    assert generated["route"]["receiver"] == "shop/chat/room" and "continue" not in generated["route"]
    assert generated["route"]["matchers"] == ['severity="critical"']
    assert generated["inhibit_rules"] == one(OBJECT).plain()["inhibit_rules"]


def test_victorias_operator_writes_names_otherwise():
    text = OBJECT.replace("monitoring.coreos.com/v1alpha1", "operator.victoriametrics.com/v1beta1")
    generated = one(text.replace("AlertmanagerConfig", "VMAlertmanagerConfig")).as_generated()
    assert generated["route"]["receiver"] == "shop-chat-room"


def test_everything_else_is_as_it_is_written():
    assert one(UPSTREAM).as_generated() == one(UPSTREAM).plain()
    plain = one(OBJECT).plain()
    assert plain["route"]["receiver"] == "room" and "continue" not in plain["route"]


FLUX = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: stack, namespace: metrics}
spec:
  chart: {spec: {chart: kube-prometheus-stack, sourceRef: {kind: HelmRepository, name: r}}}
  valuesFrom:
    - kind: Secret
      name: chat
      valuesKey: url
      targetPath: alertmanager.config.receivers[1].slack_configs[0].api_url
  values:
    alertmanager:
      config:
        route: {receiver: nobody}
        receivers:
          - name: nobody
          - name: chat
            slack_configs: [{api_url: x}]
"""


def test_receivers_that_flux_puts_secrets_into_are_known_but_for_those():
    source = read_documents("stack.yaml", FLUX)
    (found,) = Project(Document(document) for document in source.documents).alertmanagers
    assert not found.hidden
    assert [(one.name, one.unknown, len(one.integrations)) for one in found.receivers] == [
        ("nobody", False, 0),
        ("chat", True, 1),
    ]
    assert shown(found.receivers[0].field.get("name")) == "nobody"
