"""Releases: a chart, its values and where it goes, whichever wrapper says so."""

from kubelint.manifests.releases.release import ChartRef, Release, ValuesSource

__all__ = ["ChartRef", "Release", "ValuesSource"]
