"""Real API servers for tests and demo: builds the programs, runs them, ends them.

Drives Labpass's programs as a person would, through their public commands; imports neither
distribution. Owns the state directory of a running testbed and every process in it. Never
installed with the product.
"""
