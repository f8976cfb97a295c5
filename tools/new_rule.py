"""Starts a rule: its file, with the headings of its page, and its fixtures.

python tools/new_rule.py ID CATEGORY
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from generated import ROOT, Files, own_rules

from kubelint import __version__
from kubelint.checks import Category

RULE = '''"""Rule: {id}."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, ObjectRule, RuleMeta, Severity
from kubelint.manifests import KubeObject


class {name}(ObjectRule):
    """One sentence: what is wrong.

    ## What it does
    Which objects, which fields, which values; what it leaves alone, and why.

    ## Why it matters
    What breaks, for whom, when.

    ## Example
    ```yaml
{example}
    ```

    ## Use instead
    ```yaml
{example}
    ```

    ## When to ignore
    Where it is right as it is.

    ## References
    - the documentation, or the file of the upstream source, that says so
    """

    meta = RuleMeta(
        id="{id}",
        summary="what is wrong, in a few words",
        category=Category.{category},
        severity=Severity.WARNING,
        since="{version}",
    )
    kinds = frozenset({{"Deployment"}})

    def check(self, obj: KubeObject) -> Iterator[Finding]:
        """A finding for every such object that ..."""
        field = obj.field("spec", "replicas")
        if field.integer == 0:
            yield self.finding("say what is, then what happens", at=field).help("say what to do")
'''

MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: {replicas}
"""


def scaffold(rule_id: str, category: Category) -> Files:
    """The files of a new rule by path."""
    fixtures = f"tests/fixtures/rules/{rule_id}"
    example = "\n".join(f"    {line}" for line in MANIFEST.format(replicas=1).splitlines())
    text = RULE.format(
        id=rule_id,
        name="".join(map(str.capitalize, rule_id.split("-"))),
        category=category.name,
        version=__version__,
        example=example,
    )
    return {
        f"rules/kubelint_rules/{category.value}/{rule_id.replace('-', '_')}.py": text,
        f"{fixtures}/bad/deployment.yaml": MANIFEST.format(replicas=0),
        f"{fixtures}/good/deployment.yaml": MANIFEST.format(replicas=1),
    }


def write(files: Files, root: Path) -> None:
    """Write `files` below `root`, and what makes a new category a package. Raises FileExistsError, writing nothing."""
    for name in files:
        if (root / name).exists():
            raise FileExistsError(name)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        package = path.parent / "__init__.py"
        if path.suffix == ".py" and not package.exists():
            package.write_text(f'"""Rules about {path.parent.name}."""\n', encoding="utf-8")


def main() -> int:
    """Read the arguments and write the files; 2 where the id will not do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("id", metavar="ID", help="kebab-case; says what is wrong: dns-single-replica")
    parser.add_argument("category", metavar="CATEGORY", choices=[each.value for each in Category])
    arguments = parser.parse_args()
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", arguments.id):
        parser.error(f"`{arguments.id}` is not a name of two or more words in kebab-case")
    if arguments.id in own_rules():
        parser.error(f"there is a rule `{arguments.id}` already")
    files = scaffold(arguments.id, Category(arguments.category))
    try:
        write(files, ROOT)
    except FileExistsError as error:
        parser.error(f"{error} exists")
    print("\n".join(files), "\nNow write the rule, then run `make docs test`.", sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
