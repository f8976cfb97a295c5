"""No part of a secret reaches any output: not its text, its lines or its base64, whatever is reported beside it."""

import base64
import re

import pytest
from invented import INVENTED
from linting import FIXTURES, REGISTRY, copied, lint_texts, lint_tree

from kubelint.checks import Category
from kubelint.reporters import FORMATS, reporter
from kubelint.reporters.style import Style

SECRETS = [entry.meta.id for entry in REGISTRY if entry.meta.category is Category.SECRETS]


def planted(folder):
    """Every credential that the fixture holds, in the forms in which it must not be shown."""
    names = set()
    for path in folder.rglob("*"):
        if path.is_file():
            names |= set(re.findall(r"<invented:([a-z0-9_]+)", path.read_text(encoding="utf-8")))
    for name in sorted(names):
        value = INVENTED[name]()
        yield from (line for line in value.splitlines() if len(line) >= 8 and not line.startswith("-----"))
        yield base64.b64encode(value.encode()).decode()[:60]


@pytest.mark.parametrize("rule", SECRETS)
@pytest.mark.parametrize("form", FORMATS)
def test_no_format_shows_a_planted_secret(rule, form, tmp_path):
    folder = FIXTURES / "rules" / rule / "bad"
    values = list(planted(folder))
    report = lint_tree(copied(folder, tmp_path))
    assert any(finding.meta.id == rule for finding in report.findings)
    shown = reporter(form)(report, Style())
    assert [value for value in values if value in shown] == []


def secret(comment=""):
    return f"""\
apiVersion: v1
kind: Secret
metadata: {{name: wiki}}
stringData:
  api-key: {INVENTED["password"]()}{comment}
"""


@pytest.mark.parametrize(
    "comment",
    ["  # kubelint: ignore[plaintext-secret]", "  # pragma: allowlist secret", "  # kubelint: ignore[nothing-such]"],
)
def test_a_suppressed_secret_is_masked_in_the_frames_of_others(comment):
    text = secret(comment) + f"  api-key: {INVENTED['password']()}  # {INVENTED['password']()}\n"
    report = lint_texts({"wiki.yaml": text})
    shown = reporter("full")(report, Style())
    assert "duplicate-key" in shown and INVENTED["password"]() not in shown


def test_a_mask_has_one_length_whatever_the_secret():
    lengths = set()
    for size in (12, 40, 200):
        value = ("k7" + INVENTED["password"]() * 20)[:size]
        report = lint_texts({"a.yaml": secret().replace(INVENTED["password"](), value)})
        line = next(line for line in reporter("full")(report, Style()).splitlines() if "api-key:" in line)
        lengths.add(len(line))
    assert len(lengths) == 1
