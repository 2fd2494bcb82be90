"""Exchanges data between steps in files."""
