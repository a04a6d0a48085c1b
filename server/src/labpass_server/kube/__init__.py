"""Speaks to Kubernetes APIs, for the server alone. Refuses deciding."""
