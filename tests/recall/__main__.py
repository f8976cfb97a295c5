"""Prints the table of what is found: `cd tests && python -m recall`."""

from recall.measure import outcomes, table

print(table(outcomes()))
