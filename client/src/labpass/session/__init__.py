"""What a sign-in leaves on disk: cache keys, locks, expiry margins, atomic 0600 writes.

Owns the credential state machine: print what is cached, else renew under a lock, else say who
has to sign in. Refuses the network: the authority comes in as an argument (`renewal.Authority`).
"""
