"""What a chart makes up anew is unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.rendering.generated import may_generate, without_generated


@pytest.mark.parametrize(
    ("template", "generates"),
    [
        ("{{ randAlphaNum 16 | b64enc }}", True),
        ('{{- $ca := genCA "web" 365 }}', True),
        ('{{ genSelfSignedCert "a" nil nil 1 }}', True),
        ('{{ now | date "2006" }}', True),
        ("{{ uuidv4 }}", True),
        ("{{ .Values.brand }} knows random", False),
        ("replicas: {{ .Values.replicas }}", False),
    ],
)
def test_which_templates_may(template, generates):
    assert may_generate([template]) is generates


@pytest.mark.parametrize(
    ("one", "other", "steady"),
    [
        ("a: 1\nb: 2", "a: 1\nb: 2", "a: 1\nb: 2"),
        ('password: "aXyz"', 'password: "aQyz"', 'password: "$(generated)"'),
        ("name: job-x7f3", "name: job-99aa", "name: $(generated)"),
        ("url: http://u:abc@host", "url: http://u:abd@host", "url: http://u:$(generated)@host"),
        ("- abc\n- d", "- abd\n- d", "- $(generated)\n- d"),
        ("a: 'x'", "a: 'yy'", "a: '$(generated)'"),
        ("a: |\n  abc\n  def\nb: 1", "a: |\n  abc\nb: 1", "a: |\n  abc\n  $(generated)\nb: 1"),
    ],
)
def test_what_differs_is_unknown(one, other, steady):
    assert without_generated({"t": one}, {"t": other}) == {"t": steady}


@given(st.text("ab: \n-", max_size=40), st.text("ab: \n-", max_size=40))
def test_nothing_is_too_odd(one, other):
    steady = without_generated({"t": one}, {"t": other})["t"]
    assert (steady == one) if one == other else isinstance(steady, str)
