"""Rules on where pods are placed."""
