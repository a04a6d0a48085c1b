"""Use cases of who may do what where. A stranger to `identity`."""
