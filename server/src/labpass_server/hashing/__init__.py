"""Password hashing: argon2id with bounded concurrency."""
