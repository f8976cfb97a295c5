"""Rule: expired-suppression."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, RuleMeta, Severity, Suppression, SuppressionRule


class ExpiredSuppression(SuppressionRule):
    """
    A suppression is past its date.

    ## What it does
    Reports suppressions whose `until=` day lies in the past, entries of `ignore` in the configuration among them. What
    they suppressed is reported again.

    ## Why it matters
    The date was a promise to come back to the matter.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      level: info  # kubelint: ignore[duplicate-key until=2020-01-31] the importer needs both
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
    Move the date if the promise still holds.
    """

    meta = RuleMeta(
        id="expired-suppression",
        summary="a suppression is past its date",
        category=Category.INPUTS,
        severity=Severity.WARNING,
        since="0.1.0",
        fixable=True,
    )

    def check(self, suppression: Suppression) -> Iterator[Finding]:
        """A finding if the suppression ended before today."""
        if suppression.expired:
            message = f"this suppression of `{suppression.rule}` ended on {suppression.until}"
            yield (
                self.finding(message, at=suppression.location)
                .help("solve what it suppressed, or give it a new date")
                .fix(suppression.removal)
            )
