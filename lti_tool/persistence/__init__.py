"""Tables and transactions. One code path for SQLite and PostgreSQL; knows nothing of LTI messages or pages."""
