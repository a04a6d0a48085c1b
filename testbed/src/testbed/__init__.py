"""Real API servers for tests and demo: builds the programs, runs them, ends them.

Drives Labpass's programs; imports neither distribution.
"""
