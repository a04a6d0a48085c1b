"""One file per distribution; each gives a value that fits `labpass.trust.distribution`.

Owns every spelling. Refuses what `labpass.trust` refuses: all input and output.
"""
