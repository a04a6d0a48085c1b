"""The demo: the acceptance test of the procedure, played with the real programs.

Owns what a newcomer sees. Every step runs a command that a person could type, and checks what
came of it.
"""
