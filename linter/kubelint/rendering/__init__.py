"""Charts and kustomizations as the real engines render them, each object traced back to the files it is written in."""
