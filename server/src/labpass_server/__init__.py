"""The authority, the REST API, the web pages and the reconciler of Labpass."""
