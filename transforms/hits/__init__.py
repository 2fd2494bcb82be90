"""Turns scanned lines into counted hits, within the step `parse_hits`."""
