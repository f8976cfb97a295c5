"""In which batches Ansible goes through the hosts of a play.

Source: ansible ``lib/ansible/executor/playbook_executor.py`` (``_get_serialized_batches``) and
``lib/ansible/utils/helpers.py`` (``pct_to_int``): ``serial`` is a number, a percentage of the play's hosts, or a list
of them whose last one repeats; none, or a number below one, takes all hosts at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from kubelint.cluster.plain import as_list

_Host = TypeVar("_Host")
_NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)
_PERCENT = re.compile(r"(\d{1,9})%", re.ASCII)


def batch_sizes(serial: object, hosts: int) -> list[int] | None:
    """The sizes of the batches of a play over ``hosts`` hosts; None where ``serial`` is template text or nonsense."""
    asked = as_list(serial) if isinstance(serial, list) else [serial]
    sizes = [_size(item, hosts) for item in asked if item is not None]
    found: list[int] = []
    left = hosts
    for position in range(hosts):
        size = sizes[min(position, len(sizes) - 1)] if sizes else 0
        if size is None:
            return None
        found.append(left if size <= 0 else min(size, left))
        left -= found[-1]
        if not left:
            break
    return found


def batches(serial: object, hosts: Sequence[_Host]) -> list[Sequence[_Host]] | None:
    """The batches themselves, ``hosts`` in the order in which Ansible takes them."""
    sizes = batch_sizes(serial, len(hosts))
    if sizes is None:
        return None
    found: list[Sequence[_Host]] = []
    start = 0
    for size in sizes:
        found.append(hosts[start : start + size])
        start += size
    return found


def _size(item: object, hosts: int) -> int | None:
    """A batch of one entry of ``serial``; 0 stands for all that are left."""
    if isinstance(item, int) and not isinstance(item, bool):
        return max(0, item)
    if not isinstance(item, str):
        return None
    share = _PERCENT.fullmatch(item.strip())
    if share is not None:
        return hosts * int(share[1]) // 100 or 1
    return max(0, int(item)) if _NUMBER.fullmatch(item.strip()) else None
