"""Drives a real Chromium: what a reader of the report sees and does."""
