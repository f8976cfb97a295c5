"""Rules about grants: those that do nothing, and those that do too much."""
