"""Settings: typed, found, merged, and checked against a schema made from the rules themselves."""
