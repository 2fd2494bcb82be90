"""Distinguishes people from machines by what they do."""
