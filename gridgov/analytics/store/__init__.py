"""Counts from memory: columns that are derived from PostgreSQL, month by month, and kept fresh change by change."""
