"""What Labpass installs in a cluster, as values from one definition.

Owns permission sets, policies, the fence and our account. Pure: refuses all input and output.
"""
