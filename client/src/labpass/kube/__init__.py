"""Speaks HTTP to a Kubernetes API server with what one kubeconfig entry holds.

For `rollout` (an administrator's credential) and `workloads` (the person's own token).
Refuses deciding.
"""
