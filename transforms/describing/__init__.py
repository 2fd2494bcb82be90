"""What agents, pages, referrers and queries mean: once for each distinct text (step 4)."""
