"""Frozen values and pure functions: decisions, claims, rules to Kubernetes objects, plan.

Refuses input and output, async, the clock and third parties.
"""
