"""Rules about backups that are not made, and failures that nobody hears of."""
