"""Credentials of many kinds, planted in many places: what is found, at the right line, and what gets out."""
