"""Label selectors of aggregated ClusterRoles, and the labels that they are asked about.

Follows apimachinery `pkg/apis/meta/v1/helpers.go: LabelSelectorAsSelector`: all requirements must hold, and a
selector without any selects everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kubelint.cluster.rbac.reading import as_list, as_mapping, as_text, is_template
from kubelint.cluster.templates import has_template


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one label must be: `operator` is In, NotIn, Exists or DoesNotExist; any other is never met."""

    key: str
    operator: str
    values: tuple[object, ...] = ()

    def met_by(self, labels: Mapping[str, str]) -> bool:
        """Whether labels are as required."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
        return False


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector; `hidden` if template text is part of it, so that it selects nothing for sure."""

    requirements: tuple[Requirement, ...]
    hidden: bool = False

    @classmethod
    def from_manifest(cls, selector: object) -> Selector:
        """Read a selector; nothing raises."""
        if is_template(selector):
            return cls.unreadable()
        fields = as_mapping(selector)
        wanted = as_mapping(fields.get("matchLabels"))
        requirements = (
            *(Requirement(key, "In", (value,) if isinstance(value, str) else ()) for key, value in wanted.items()),
            *(_requirement(as_mapping(entry)) for entry in as_list(fields.get("matchExpressions"))),
        )
        parts = [fields.get("matchLabels"), *as_list(fields.get("matchExpressions"))]
        texts = [text for entry in requirements for text in (entry.key, entry.operator, *entry.values)]
        return cls(requirements, any(map(is_template, (*parts, *texts))))

    @classmethod
    def unreadable(cls) -> Selector:
        """A selector of which nothing is known."""
        return cls((), hidden=True)


def _requirement(expression: Mapping[str, object]) -> Requirement:
    values = tuple(value for value in as_list(expression.get("values")) if isinstance(value, str))
    return Requirement(as_text(expression.get("key")), as_text(expression.get("operator")), values)


class LabelIndex:
    """Objects by their labels, so that a selector does not look at all of them."""

    def __init__(self, objects: Mapping[str, Mapping[str, str] | None]) -> None:
        """Take the labels by object name; None where all of the labels are template text."""
        self._objects = {name: objects[name] for name in sorted(objects)}
        self._having: dict[tuple[str, str], list[str]] = {}
        self._unsure: dict[str, list[str]] = {}
        self._unreadable: list[str] = []
        for name, labels in self._objects.items():
            self._add(name, labels)

    def select(self, selector: Selector) -> Iterator[tuple[str, bool]]:
        """The names of what is selected, sorted; with False what may be, once template text is filled in."""
        if selector.hidden:
            return
        unsure = {name for requirement in selector.requirements for name in self._unsure.get(requirement.key, ())}
        for name in sorted(unsure.union(self._unreadable, self._candidates(selector))):
            answers = {_answer(requirement, self._objects[name]) for requirement in selector.requirements}
            if False not in answers:
                yield name, None not in answers

    def _add(self, name: str, labels: Mapping[str, str] | None) -> None:
        if labels is None or any(map(has_template, labels)):
            self._unreadable.append(name)
            return
        for key, value in labels.items():
            if has_template(value):
                self._unsure.setdefault(key, []).append(name)
            else:
                self._having.setdefault((key, value), []).append(name)

    def _candidates(self, selector: Selector) -> list[str]:
        """Enough of the objects to contain all that is selected."""
        found = [
            [name for value in entry.values for name in self._having.get((entry.key, str(value)), ())]
            for entry in selector.requirements
            if entry.operator == "In"
        ]
        return min(found, key=len) if found else list(self._objects)


def _answer(requirement: Requirement, labels: Mapping[str, str] | None) -> bool | None:
    """Whether labels are as required; None if that hangs on template text."""
    value = None if labels is None else labels.get(requirement.key)
    if labels is None or (value is None and any(map(has_template, labels))) or is_template(value):
        return None
    return requirement.met_by(labels)
