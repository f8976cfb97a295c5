"""Alertmanager: who is told of an alert, when nobody is, and what another alert silences.

Takes the configuration as a plain mapping in the shape of `alertmanager.yml`.
"""

from kubelint.cluster.alertmanager.inhibition import inhibited
from kubelint.cluster.alertmanager.intervals import holds, muted
from kubelint.cluster.alertmanager.routing import DEFAULTS, Taken, all_match, one_matches, route, routing

__all__ = ["DEFAULTS", "Taken", "all_match", "holds", "inhibited", "muted", "one_matches", "route", "routing"]
