"""Which text is a template: something else fills it in later, so its value is unknown here."""

from kubelint.regexes import regex

_TEMPLATE = regex(
    r"\{\{|\{%|#\{"  # Helm, Jinja, Go templates; makejinja
    r"|\$\{|\$\(|\$\[\["  # Flux and shell substitution; Kubernetes $(VAR); GitLab inputs
    r"|<%|<path:|<<[A-Za-z_]"  # ERB, Argo CD Vault plugin
    r"|^__[A-Z0-9_]+__$|^@@?[A-Z0-9_]+@@?$"
)


def has_template(text: str) -> bool:
    """Whether `text` holds template syntax: Helm, Jinja, Flux, envsubst, Kubernetes `$(VAR)`, GitHub `${{ }}` and
    kin.
    """
    return _TEMPLATE.search(text) is not None
