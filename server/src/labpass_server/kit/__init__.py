"""Clock, ids, secrets: the only files that ask the system for time or randomness."""
