"""One Ansible task: its module, the module's arguments, and what surrounds it."""

from __future__ import annotations

import re
from functools import cached_property

from kubelint.manifests.field import Field
from kubelint.sources.text_files import TextFile

BLOCK_PARTS = ("block", "rescue", "always")

_KEYWORDS = """
    any_errors_fatal args async become become_exe become_flags become_method become_user changed_when check_mode
    collections connection debugger delay delegate_facts delegate_to diff environment failed_when gather_facts
    ignore_errors ignore_unreachable listen local_action loop loop_control module_defaults name no_log notify poll port
    register remote_user retries run_once tags throttle timeout until vars when first_available_file action
"""
KEYWORDS = frozenset(_KEYWORDS.split())
"""What a task may hold beside its module (ansible `lib/ansible/keyword_desc.yml`); loops with `with_` are others."""

_BUILT_IN = ("ansible.builtin.", "ansible.legacy.")
_INCLUDES = tuple(f"{prefix}include_{what}" for prefix in ("", *_BUILT_IN) for what in ("tasks", "role"))
_PAIR = re.compile(r"""(?:^|\s)(\w+)=("[^"]*"|'[^']*'|\S+)""")


class Task:
    """A task as written; `outer` are the play, blocks, includes and roles that it runs within, the outermost first."""

    def __init__(self, root: Field, section: str, outer: tuple[Field, ...] = ()) -> None:
        self.root = root
        self.section = section
        """`pre_tasks`, `roles`, `tasks`, `post_tasks` or `handlers`."""
        self.outer = outer
        self.file = root.document.file
        self.script: TextFile | None = None
        """The file that the module `script` sends to the hosts, where the tree holds it."""

    def __repr__(self) -> str:
        return f"<Task {self.name or self.module} in {self.file}>"

    @property
    def name(self) -> str | None:
        """What the task calls itself."""
        return self.root.get("name").text

    @cached_property
    def call(self) -> Field | None:
        """The field that names the module and holds its arguments; None where none is named."""
        for name, field in self.root.items():
            if name in ("action", "local_action"):
                return field
            if name not in KEYWORDS and not name.startswith("with_"):
                return field
        return None

    @cached_property
    def module(self) -> str | None:
        """The module's name, without `ansible.builtin.`; None where there is none or it is a template."""
        if self.call is None:
            return None
        if self.call.name not in ("action", "local_action"):
            name: str | None = self.call.name
        else:
            words = (self.call.text or "").split(None, 1)
            name = self.call.get("module").text or (words[0] if words else None)
        for prefix in _BUILT_IN:
            name = name.removeprefix(prefix) if name else None
        return name

    @property
    def arguments(self) -> Field | None:
        """The arguments of the module: a mapping, or a string as people wrote them before."""
        return self.call

    @property
    def free_form(self) -> str | None:
        """The arguments as one known string, such as the command of `command: reboot`."""
        text = self.call.text if self.call is not None else None
        if text is not None and self.call is not None and self.call.name in ("action", "local_action"):
            return text.partition(" ")[2].strip()
        return text

    def argument(self, name: str) -> str | None:
        """One argument as known text: of the mapping, of `args:`, or `name=value` in the string."""
        if self.call is None:
            return None
        for field in (self.call.get(name), self.root.get("args", name)):
            if field.text is not None:
                return field.text
        pairs = dict(_PAIR.findall(self.free_form or ""))
        return pairs[name].strip("\"'") if name in pairs else None

    def keyword(self, name: str) -> Field:
        """A keyword such as `throttle` or `when`, of the task or else of the nearest that surrounds it."""
        for field in (self.root, *map(_handed_down, reversed(self.outer))):
            if field.get(name).exists:
                return field.get(name)
        return self.root.get(name)

    @property
    def tags(self) -> frozenset[str]:
        """Its tags and those of all that surrounds it: they add up."""
        texts = [text for field in (self.root, *self.outer) for text in field.get("tags").strings()]
        return frozenset(tag.strip() for text in texts for tag in text.split(","))

    def items(self) -> list[Field]:
        """What it loops over, where that is written as a list; empty where it does not loop, or over something else."""
        loops = (self.root.get(name) for name in ("loop", "with_items", "with_list", "with_flattened"))
        return next((list(field.elements()) for field in loops if field.exists), [])


def _handed_down(outer: Field) -> Field:
    """What hands its keywords down: the play, a block, a role, an import; an include does so only under `apply`."""
    for name in _INCLUDES:
        if outer.get(name).exists:
            return outer.get(name, "apply")
    return outer


def is_block(field: Field) -> bool:
    """Whether an item of a list of tasks is a block of tasks."""
    return isinstance(field.value, dict) and "block" in field.value
