"""What is said of a configuration that is wrong: everything, in the order of the file, with what to do."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linting import REGISTRY

from kubelint.cli.main import run
from kubelint.config.load import load_config, settings_in
from kubelint.config.mistakes import ConfigError
from kubelint.config.schema import build_schema
from kubelint.sources import read_documents

RULE = "missing-arch-constraint"
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("a!*", max_size=2),
    lambda each: (
        st.lists(each, max_size=2) | st.dictionaries(st.sampled_from(["a", "amd64", "rules"]), each, max_size=2)
    ),
    max_leaves=4,
)


def mistakes(folder, text):
    """The mistakes in `text`, each as message, hint, and the characters that it points at."""
    path = folder / "kubelint.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_config(path, REGISTRY)
    except ConfigError as error:
        return [(found.message, found.hint, text[slice(*found.span)]) for found in error.mistakes]
    return []


@pytest.mark.parametrize(
    ("text", "message", "hint", "at"),
    [
        ("profil: strict", "unknown key `profil`", "did you mean `profile`?", "profil"),
        ("xyz: 1", "unknown key `xyz`", "one of cluster, deployers, external, profile, rules,", "xyz"),
        ("fail-on: off", "`fail-on` cannot be `off`", "one of error, warning, info, never", "off"),
        ("fail-on: ~", "`fail-on` cannot be `~`", "one of error,", "~"),
        ("profile: [strict]", "`profile` cannot be `[strict]`", "did you mean `strict`?", "[strict]"),
        ("cluster: {kubernetes: 1.30}", "`cluster.kubernetes`: expected text", 'put it in quotes: `"1.30"`', "1.30"),
        ("external: [a, 007]", "`external[1]`: expected text", 'put it in quotes: `"007"`', "007"),
        ("external: [a, yes]", "`external[1]`: expected text", 'put it in quotes: `"yes"`', "yes"),
        ("external: [[a]]", "`external[0]`: expected text", "", "[a]"),
        ('cluster: {kubernetes: "1.30.2"}', "`cluster.kubernetes`: expected text such as 1.33", "", '"1.30.2"'),
        ("exclude: gen/**", "`exclude`: expected a list", "put it in brackets: `[gen/**]`", "gen/**"),
        ("exclude: '!a'", "`exclude`: expected a list", "put it in brackets: `['!a']`", "'!a'"),
        ("rules:\nfail-on: info", "`rules`: expected a mapping", "give it one, or take the key away", "rules"),
        ("- a", "expected a mapping", "", "- a"),
        ("text", "expected a mapping", "", "text"),
        ("fail-on: info\nfail-on: error", "the key `fail-on` is given twice", "keep one", "fail-on"),
        (f"rules: {{{RULE}: {{strict: 1}}}}", f"`rules.{RULE}.strict`: expected true or false", "", "1"),
        (f"rules: {{{RULE}: {{stict: true}}}}", "unknown key `stict`", "did you mean `strict`?", "stict"),
        (f"rules: {{{RULE}: 3}}", f"`rules.{RULE}` cannot be `3`", "one of error, warning, info, off", "3"),
        ("ignore: [{reason: x}]", "`ignore[0]`: the key `rules` is missing", "", "{reason: x}"),
        ("ignore: [{rules: []}]", "`ignore[0].rules`: expected one at least", "", "[]"),
        ("ignore: [{rules: [dns], until: soon}]", "`ignore[0].until`: expected a date such as 2027-01-31", "", "soon"),
        ("cluster: {architectures: [arm, arm]}", "`cluster.architectures`: names something twice", "", "[arm, arm]"),
        ("require-reasons: true\nignore: [{rules: [dns]}]", "`ignore[0]` gives no reason", "`require", "rules"),
    ],
)  # fmt: skip
def test_one_mistake(tmp_path, text, message, hint, at):
    [found] = mistakes(tmp_path, text)
    assert (found[0], found[2]) == (message, at)
    assert found[1].startswith(hint) and bool(found[1]) == bool(hint)


def test_all_mistakes_are_told_in_the_order_of_the_file(tmp_path):
    text = f"""\
fail-on: warnin
cluster: {{kubernetes: 1.30, architectures: [amd]}}
rules:
  {RULE}: {{severity: erorr, strict: 1, other: 2}}
  dns-single-replicas: off
colour: 1
"""
    assert [at for _, _, at in mistakes(tmp_path, text)] == [
        "warnin", "1.30", "amd", "erorr", "1", "other", "dns-single-replicas", "colour",
    ]  # fmt: skip


def test_what_a_setting_means_is_judged_once_its_form_is_right(tmp_path):
    both = "exclude: ['!']\ncluster: {architectures: [arm64], default-arch: amd64}\n"
    assert [at for _, _, at in mistakes(tmp_path, both)] == ["'!'", "amd64"]
    assert [at for _, _, at in mistakes(tmp_path, f"{both}fail-on: 1\n")] == ["1"]


def test_a_thousand_mistakes_are_not_all_shown(tmp_path, capsys):
    (tmp_path / "kubelint.yaml").write_text("".join(f"key{number}: 1\n" for number in range(1000)))
    assert run([str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count(" --> ") == 20 and error.endswith("kubelint: configuration: 980 more of such mistakes\n")


PROPERTIES = build_schema(REGISTRY)["properties"]


@given(st.dictionaries(st.sampled_from([*PROPERTIES, "other"]), ANYTHING, max_size=3))
def test_whatever_stands_there_it_is_read_or_told(value):
    text = json.dumps(value)
    try:
        settings_in(read_documents("kubelint.yaml", text), REGISTRY)
    except ConfigError as error:
        spans = [mistake.span for mistake in error.mistakes]
        assert spans == sorted(spans) and spans[-1].end <= len(text)
        assert all(mistake.message for mistake in error.mistakes)
