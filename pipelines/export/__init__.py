"""Writes the tables of a published file as Parquet or CSV, with their comments."""
