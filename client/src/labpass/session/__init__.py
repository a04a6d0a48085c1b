"""What a sign-in leaves on disk: cache keys, locks, expiry margins, atomic 0600 writes.

Refuses the network: a refresh comes in as an argument.
"""
