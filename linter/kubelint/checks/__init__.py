"""The rule API: everything that a rule imports besides what it reads (`kubelint.manifests`) and models
(`kubelint.cluster`).
"""

from kubelint.checks.finding import Finding, Label, Location, Severity
from kubelint.checks.fix import Applicability, Fix
from kubelint.checks.registry import Registry, load_rules
from kubelint.checks.rule import (
    ANY_KIND,
    TEXT,
    Category,
    ChangeRule,
    ContainerRule,
    DocumentRule,
    EngineRule,
    ObjectRule,
    PodRule,
    ProblemRule,
    ProjectRule,
    ReleaseRule,
    Rule,
    RuleMeta,
    SuppressionRule,
    WorkflowRule,
)
from kubelint.checks.suppression import Suppression
from kubelint.checks.wording import named
from kubelint.sources import Problem

__all__ = [
    "ANY_KIND",
    "TEXT",
    "Applicability",
    "Category",
    "ChangeRule",
    "ContainerRule",
    "DocumentRule",
    "EngineRule",
    "Finding",
    "Fix",
    "Label",
    "Location",
    "ObjectRule",
    "PodRule",
    "Problem",
    "ProblemRule",
    "ProjectRule",
    "Registry",
    "ReleaseRule",
    "Rule",
    "RuleMeta",
    "Severity",
    "Suppression",
    "SuppressionRule",
    "WorkflowRule",
    "load_rules",
    "named",
]
