"""What kubelint checks: one folder per category, one file per rule."""
