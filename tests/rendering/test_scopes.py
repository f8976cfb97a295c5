"""Which renderings may meet in a cluster."""

import pytest

from kubelint.manifests.scopes import same_cluster, scope_of

RAW, FIRST, SECOND = ("", "1", "2")


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (("charts/web/a.yaml", "", FIRST), ("charts/web/a.yaml", "", FIRST), True),
        (("charts/web/a.yaml", "", FIRST), ("charts/web/a.yaml", "", SECOND), False),
        (("charts/web/a.yaml", "", FIRST), ("apps/b.yaml", "", RAW), True),
        (("charts/web/a.yaml", "", FIRST), ("clusters/home/b.yaml", "", RAW), True),
        (("clusters/home/a.yaml", "", FIRST), ("clusters/home/b.yaml", "", RAW), True),
        (("clusters/home/a.yaml", "", FIRST), ("clusters/away/b.yaml", "", RAW), False),
        (("one/clusters/home/a.yaml", "one", FIRST), ("one/b.yaml", "one", RAW), True),
        (("one/clusters/home/a.yaml", "one", FIRST), ("two/b.yaml", "two", RAW), False),
        (("one/a.yaml", "one", FIRST), ("b.yaml", "", RAW), False),
    ],
)
def test_who_meets_whom(one, other, meet):
    assert same_cluster(scope_of(*one), scope_of(*other)) is meet
    assert same_cluster(scope_of(*other), scope_of(*one)) is meet
