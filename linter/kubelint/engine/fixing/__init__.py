"""Applies fixes: from what rules say is to change to the characters that do, checked by another reader."""
