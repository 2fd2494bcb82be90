"""The cookbook, run: its queries, what they give, and how results are shown."""
