"""Reads files as blocks of bytes, and finds the byte offsets of the fields of each line."""
