"""Logs and exchanged rows in an S3-compatible object store, which the tests start."""
