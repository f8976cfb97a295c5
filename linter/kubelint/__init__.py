"""kubelint: reads a repository of Kubernetes manifests and says which outage it is about to cause."""

__version__ = "0.1.0"
