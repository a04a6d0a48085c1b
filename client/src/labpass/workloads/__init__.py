"""Job kinds as values; submitting, listing, describing, logs, deleting. Imports nothing."""
