"""Publishes merged tables: loads them, folds them, merges them with earlier days, checks and renames the file."""
