"""Converts fields to numbers, times and addresses."""
