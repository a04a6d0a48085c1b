"""One frozen `Settings`, parsed once; the one reader of the environment."""
