"""Rules about alerts: storms that nobody reads, and silences that nobody hears."""
