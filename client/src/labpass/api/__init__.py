"""Speaks `/api/v1` of a labpass-server for the commands. Refuses terminal wording."""
