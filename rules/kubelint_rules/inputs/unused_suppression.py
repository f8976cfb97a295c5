"""Rule: unused-suppression."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, RuleMeta, Severity, Suppression, SuppressionRule


class UnusedSuppression(SuppressionRule):
    """
    A suppression that suppresses nothing.

    ## What it does
    Reports a `# kubelint: ignore[…]` comment or a `kubelint.dev/ignore.…` annotation that silenced no finding in this
    run, of a rule that did run. Of comments in templates and in the strings of a manifest it says nothing. An entry of
    `ignore` in the configuration is reported by a run over the whole project, with all of its rules and charts.

    ## Why it matters
    What it was written for is gone; left alone it will hide the next problem of that kind at this place.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      level: info  # kubelint: ignore[duplicate-key] kept for the old importer
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      level: info
    ```

    ## When to ignore
    Where a rule reports in some environments only. Better: give the suppression a date, `until=2027-01-31`.
    """

    meta = RuleMeta(
        id="unused-suppression",
        summary="a suppression silences nothing",
        category=Category.INPUTS,
        severity=Severity.WARNING,
        since="0.1.0",
        fixable=True,
    )

    def check(self, suppression: Suppression) -> Iterator[Finding]:
        """A finding if the suppression could have been used and was not."""
        if suppression.runs and suppression.holds and not suppression.used:
            yield (
                self.finding(f"this suppression of `{suppression.rule}` silences nothing", at=suppression.location)
                .help("remove it")
                .fix(suppression.removal)
            )
