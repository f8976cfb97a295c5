"""Rules about credentials that change and never reach who uses them."""
