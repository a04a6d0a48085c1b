"""Job kinds as values: what a person may submit, how it reads in Kubernetes, what became of it.

Pure: imports nothing of ours, carries its own errors (`invalid`), does no input or output. The
console takes the same values, so both doors submit the same manifest and show the same status.
"""
