"""Rule: malformed-suppression."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, RuleMeta, Severity, Suppression, SuppressionRule


class MalformedSuppression(SuppressionRule):
    """
    A comment addresses kubelint in a form that it does not understand.

    ## What it does
    Reports `# kubelint: …` comments that are neither `ignore[rule, …] reason` nor `ignore-file[rule, …] reason`, and
    entries whose date is none; and annotations of `kubelint.dev/` that are not `ignore.RULE`. A bare `ignore` is
    refused: it would hide what nobody has seen yet. With `require-reasons: true` in the configuration it reports
    suppressions without a reason, too, and these silence nothing.

    `--fix` corrects what can only be meant one way, such as `ignore rule reason` or `until=2027-1-31`, and leaves the
    rest to you.

    ## Why it matters
    What is not understood suppresses nothing.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      level: info  # kubelint: ignore
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
    Never: correct the comment.
    """

    meta = RuleMeta(
        id="malformed-suppression",
        summary="a suppression cannot be understood",
        category=Category.INPUTS,
        severity=Severity.WARNING,
        since="0.1.0",
        fixable=True,
    )

    def check(self, suppression: Suppression) -> Iterator[Finding]:
        """A finding if the directive could not be read, or gives no reason where one is asked for."""
        if suppression.problem:
            message = f"this suppression cannot be understood: {suppression.problem}"
            finding = self.finding(message, at=suppression.location).help("write `# kubelint: ignore[rule-id] reason`")
            yield finding.fix(suppression.correction)
        elif suppression.lacks_reason:
            message = f"this suppression of `{suppression.rule}` gives no reason, so that it silences nothing"
            yield self.finding(message, at=suppression.location).help("say why, behind the name of the rule")
