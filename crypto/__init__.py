"""Bytes and keys (docs/format.md). No web, no database, no clock, no disk."""
