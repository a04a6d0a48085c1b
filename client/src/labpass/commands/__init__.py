"""One click command a file: parse, call, show. Refuses logic."""
