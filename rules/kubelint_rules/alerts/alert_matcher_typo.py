"""Rule: alert-matcher-typo."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Field, Project, same_cluster
from kubelint.manifests.field import Excerpt, FieldSlice
from kubelint.manifests.monitoring.alertmanagers import AlertmanagerConfiguration
from kubelint.manifests.monitoring.routes import Matcher
from kubelint_rules.alerts.alerting import ROUTES
from kubelint_rules.alerts.names import META_NAMES, OTHER_NAMES

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KNOWN = META_NAMES | OTHER_NAMES


class AlertMatcherTypo(ProjectRule):
    """A route asks for an alert by a name that differs from the alert's in upper and lower case.

    ## What it does
    Compares the names in matchers on `alertname`, in routes and inhibition rules, each alternative of an expression by
    itself, with the alerts of the tree and those of kube-prometheus. A name that none of them has, and that one has
    but for upper and lower case, is a slip.

    ## Why it matters
    Matching is case-sensitive. The route never takes the alert, which goes on to the next, or to the receiver of the
    root: what was to be kept quiet pages, what was to page is kept quiet.

    ## Example
    ```yaml title="alertmanager.yml"
    route:
      receiver: pager
      routes:
        - matchers: ['alertname=~"WatchDog|InfoInhibitor"']
          receiver: heartbeat
    receivers:
      - name: heartbeat
        webhook_configs:
          - url_file: /etc/alertmanager/heartbeat-url
      - name: pager
        webhook_configs:
          - url_file: /etc/alertmanager/pager-url
    ```

    ## Use instead
    ```yaml title="alertmanager.yml"
    route:
      receiver: pager
      routes:
        - matchers: ['alertname=~"Watchdog|InfoInhibitor"']
          receiver: heartbeat
    receivers:
      - name: heartbeat
        webhook_configs:
          - url_file: /etc/alertmanager/heartbeat-url
      - name: pager
        webhook_configs:
          - url_file: /etc/alertmanager/pager-url
    ```

    ## When to ignore
    Where an alert of that spelling comes from outside of the tree.

    ## References
    - [Alertmanager: configuration](https://prometheus.io/docs/alerting/latest/configuration/#matcher)
    """

    meta = RuleMeta(
        id="alert-matcher-typo",
        summary="route asks for an alert whose name is spelt otherwise",
        category=Category.ALERTS,
        severity=Severity.WARNING,
        since="0.1.0",
        fixable=True,
    )
    marks = ROUTES

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each name that only upper and lower case keep from being an alert's."""
        known: dict[str, tuple[frozenset[str], dict[str, str]]] = {}
        for configuration in project.alertmanagers:
            if configuration.scope not in known:
                names = _names(project, configuration.scope)
                known[configuration.scope] = names, {name.lower(): name for name in sorted(names)}
            names, spelt = known[configuration.scope]
            for matcher in _matchers(configuration):
                for word in _words(matcher):
                    meant = spelt.get(word.lower())
                    if word not in names and meant is not None:
                        yield self._finding(matcher, word, meant)

    def _finding(self, matcher: Matcher, word: str, meant: str) -> Finding:
        at = _place(matcher, word)
        found = self.finding(
            f"no alert is called `{word}`, but one is called `{meant}`",
            at=at,
            note="matching is case-sensitive: this never matches",
        ).help(f"write `{meant}`")
        if not isinstance(at, FieldSlice):
            return found
        part = Excerpt(at.field.document, at.field.path, word, (at.start, at.end))
        return found.fix(Fix.safe(f"write `{meant}`", part.replace(meant)))


def _names(project: Project, scope: str) -> frozenset[str]:
    return _KNOWN | {
        alert.name
        for group in project.alert_groups
        if same_cluster(group.scope, scope)
        for alert in group.alerts
        if alert.name is not None
    }


def _matchers(configuration: AlertmanagerConfiguration) -> Iterator[Matcher]:
    for route in configuration.routes:
        yield from (matcher for matcher in route.matchers if matcher.name == "alertname")
    for rule in configuration.inhibit_rules:
        both = (*rule.source.known, *rule.target.known)
        yield from (matcher for matcher in both if matcher.name == "alertname")


def _words(matcher: Matcher) -> list[str]:
    """The names that a matcher asks for; none where its expression is more than a list of alternatives."""
    text = matcher.value
    if matcher.op in ("=~", "!~"):
        text = text.removeprefix("^").removesuffix("$")
        text = text[1:-1] if text.startswith("(") and text.endswith(")") else text
        words = text.split("|")
    else:
        words = [text]
    return [word for word in words if _PLAIN.fullmatch(word)]


def _place(matcher: Matcher, word: str) -> Field | FieldSlice:
    """The characters of `word`, all of the matcher where they are not found."""
    field = matcher.field.get("value") if isinstance(matcher.field.value, dict) else matcher.field
    start = matcher.at.start if isinstance(matcher.at, FieldSlice) else 0
    if isinstance(field.value, str):
        match = re.compile(rf"\b{re.escape(word)}\b").search(field.value, start)
        if match is not None:
            return field.slice(*match.span())
    return field if field.exists else matcher.field
