"""Keys in git: credentials that stand in manifests, in clear or merely encoded."""
