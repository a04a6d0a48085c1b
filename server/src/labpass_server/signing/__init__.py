"""Signing keys: made, sealed, opened, used."""
