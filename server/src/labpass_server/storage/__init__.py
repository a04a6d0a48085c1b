"""The database: SQLAlchemy over SQLite or PostgreSQL. Refuses deciding."""
