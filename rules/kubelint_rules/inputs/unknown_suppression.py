"""Rule: unknown-suppression."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, RuleMeta, Severity, Suppression, SuppressionRule


class UnknownSuppression(SuppressionRule):
    """
    A suppression names a rule that does not exist.

    ## What it does
    Reports a rule id in a `# kubelint: ignore[…]` comment or a `kubelint.dev/ignore.…` annotation that no installed
    rule has. Categories cannot be suppressed in a file: name the rules. `--fix` corrects a name where one rule only can
    be meant, in other letters or with a slip; what it silences then is yours to look at in the diff.

    ## Why it matters
    A misspelt suppression suppresses nothing, and whoever wrote it believes that it does.

    ## Example
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      level: info  # kubelint: ignore[dns-single-replika] one node only
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      level: info  # one node only
    ```

    ## When to ignore
    Where the rule comes from a package that is not installed everywhere.
    """

    meta = RuleMeta(
        id="unknown-suppression",
        summary="a suppression names no known rule",
        category=Category.INPUTS,
        severity=Severity.WARNING,
        since="0.1.0",
        fixable=True,
    )

    def check(self, suppression: Suppression) -> Iterator[Finding]:
        """A finding if no rule has that name."""
        if suppression.known or suppression.problem:
            return
        message = f"no rule is called `{suppression.rule}`; this suppresses nothing"
        yield (self.finding(message, at=suppression.location).help(_advice(suppression)).fix(suppression.correction))


def _advice(suppression: Suppression) -> str:
    if suppression.matching:
        return f"name the rules that are meant: `{suppression.rule}` stands for {suppression.matching} of them"
    if suppression.suggestion:
        return f"did you mean `{suppression.suggestion}`?"
    return "name a rule that `kubelint rules` lists, or remove this"
