"""Real repositories: nothing crashes, and every finding stands on the characters that it names."""

import re

import pytest
import yaml
from linting import SHARED, lint_tree, needs_corpus

from kubelint.config.model import Profile

REPOSITORIES = sorted(path for path in (SHARED / "corpus").glob("*") if path.is_dir())
_STEP = re.compile(r'\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.\[\]]+)')

pytestmark = needs_corpus


def steps(field):
    """The path that a finding's `field` writes."""
    for index, quoted, name in _STEP.findall(field):
        yield int(index) if index else quoted.replace('\\"', '"').replace("\\\\", "\\") or name


def names(text, step):
    """Whether `text`, as it stands in a file, is the key `step`."""
    return text == step or (text[:1] in "'\"" and read(text) == step)


def read(text):
    """What `text` is as YAML; itself where it is none, as parts of strings are."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def holds(value, text):
    """Whether a string holds `text`, line breaks and indents aside: a finding may be about a part of it."""
    words = text.split()
    return isinstance(value, str) and bool(words) and " ".join(words) in " ".join(value.split())


def stands_for(finding, source):
    """Whether the text at the finding's place is the value of its field, its key, or its nearest ancestor's key."""
    text = source.text[finding.place.span.start : finding.place.span.end]
    path = list(steps(finding.field))
    keys = [step for step in path if isinstance(step, str)]
    if any(names(text, key) for key in keys):
        return True
    documents = [document.value for document in source.documents]
    found = list(at(documents, path))
    return any(value == read(text) or str(value) == text.strip("'\"") or holds(value, text) for value in found)


def at(documents, path):
    """What stands at `path` in any of the documents, or in an item of a list; and the names of mappings on the way."""
    for document in documents:
        roots = [document]
        if isinstance(document, dict) and isinstance(document.get("items"), list):
            roots += document["items"]
        for value in roots:
            for step in path:
                if isinstance(value, dict):
                    yield value.get("name")
                    value = value.get(step)
                elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                    value = value[step]
                else:
                    value = None
            yield value
            if isinstance(document, dict):
                yield (document.get("metadata") or {}).get("name")


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
@pytest.mark.parametrize("profile", [Profile.RECOMMENDED, Profile.STRICT])
def test_every_finding_stands_on_what_it_names(repository, profile):
    report = lint_tree(repository, profile=profile)
    assert not report.crashed
    wrong = [
        (finding.meta.id, finding.place.path, finding.place.start, finding.field)
        for finding in report.findings
        if finding.field and not stands_for(finding, report.sources[finding.place.path])
    ]
    assert wrong == []


def test_all_of_it_at_once():
    report = lint_tree(SHARED / "corpus")
    assert not report.crashed and report.objects > 3000
    arch = [finding for finding in report.findings if finding.meta.id == "missing-arch-constraint"]
    warned = {finding.place.path.split("/")[0] for finding in arch if finding.severity != "info"}
    assert arch and not warned  # the only nodes known to be of another architecture are a control plane with a taint
