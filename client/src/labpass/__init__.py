"""Labpass's command line and the pure parts it shares with the server. Imports nothing."""
