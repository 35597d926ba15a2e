"""SQLAlchemy tables and queries. Sealed bytes and days go in; nothing here opens or times a report."""
