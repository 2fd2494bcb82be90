"""Inputs of a run: list them, detect their compression and log format, cut them into pieces."""
