"""What running systems would do with the manifests: pure models of real components, free of files and findings."""
