"""Rules on the names of machines."""
