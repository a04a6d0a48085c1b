"""The authority's door: parse a protocol request, call one use case, answer.

Refuses checking passwords and storage. One file an endpoint, one file a grant in `grants`.
"""
