"""Secrets that fixes refer to: called like what uses them, and to be made before the fix is applied."""

import json
import re

from kubelint.checks import Fix
from kubelint.manifests import Edit, KubeObject, Project

from .variables import variables_of

_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_SECRETS = ("Secret", "SealedSecret", "ExternalSecret")


def takes_fixes(obj: KubeObject) -> bool:
    """Whether an object is written as a whole where it stands: it is no patch, and no template makes it."""
    return obj.name is not None and not obj.partial and not obj.document.rendering


def is_free(project: Project, name: str) -> bool:
    """Whether nothing in the tree makes a Secret of this name: that would have to have the key."""
    return all(obj.name != name for obj in project.objects(_SECRETS))


def may_be_made(project: Project, obj: KubeObject, key: str, value: str) -> bool:
    """Whether a Secret of the object's name can be made in which `key` is `value`: there is none yet, and nothing else
    of this name has a variable `key` that is something else.
    """
    if not takes_fixes(obj) or not _KEY.fullmatch(key) or not is_free(project, str(obj.name)):
        return False
    alike = (other for other in project.all_objects if other.name == obj.name)
    variables = (variable for other in alike for variable in variables_of(other) if variable.name == key)
    return all(variable.value == value for variable in variables)


def secret_key(name: str, key: str, more: str = "") -> str:
    """A `secretKeyRef`."""
    return f"{{name: {json.dumps(name)}, key: {json.dumps(key)}{more}}}"


def taken_from(name: str, key: str, *edits: Edit) -> Fix:
    """The fix whose `edits` take a value from a Secret."""
    return Fix.unsafe(f"take it from key `{key}` of a Secret `{name}`, to be made first", *edits)
