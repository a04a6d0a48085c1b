"""Use cases of who someone is and how they prove it. A stranger to `access`."""
