"""The kubectl credential plugin's fast path.

Owns reading the cached ExecCredential and printing it; on a miss runs `labpass auth token`.
Imports the cheapest of the standard library alone; refuses the network and every import of ours.
"""
