"""Describes user agents, pages, referrers and queries, once for each distinct text."""
