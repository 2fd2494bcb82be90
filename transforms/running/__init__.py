"""Runs the steps: their options, threads, progress counts, and failures without log data."""
