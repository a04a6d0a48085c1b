"""One simulated cluster: its certificates, its control plane, its nodes.

Owns what a cluster is made of and the order in which it starts. Knows nothing of Labpass.
"""
