"""Whether a credential in a rendered document was written there, or given as a value and is told where it is given."""

import os

from kubelint.manifests import Document, Project, once_per_project

from .chart_values import credentials_in_values

_KEY = os.urandom(16)
_MOST_WORDS = 200


def is_told_elsewhere(project: Project, document: Document, text: str, written: str = "") -> bool:
    """Whether the credential `text` in a rendered `document` comes from values of the tree that tell it already.

    What the template itself says, as text or as it is `written`, is told at the template; so is what comes from values
    whose keys say nothing.
    """
    template = document.template
    if not document.rendering or "{{" not in template or text in template or (written and written in template):
        return False
    return not _parts(text).isdisjoint(_told(project))


def _parts(text: str) -> set[bytes]:
    """What may have been given: the text, and the words of it that a template put together."""
    words = text.translate(str.maketrans("=:\"'@", "     ")).split()
    return {_digest(word) for word in (text.strip(), *words[:_MOST_WORDS])}


def _digest(text: str) -> bytes:
    from hashlib import blake2b  # loads OpenSSL

    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=_KEY).digest()


@once_per_project
def _told(project: Project) -> frozenset[bytes]:
    """The credentials that values of the tree hold, as digests."""
    return frozenset(_digest(text) for found, _ in credentials_in_values(project) if (text := found.text()))
