"""Compiled building blocks on bytes and words that know nothing of logs."""
