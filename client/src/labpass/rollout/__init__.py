"""The input and output side of trust and cluster: detect, plan, apply, verify, undo.

Refuses knowing a distribution's spelling.
"""
