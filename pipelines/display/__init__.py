"""Output for the terminal: progress, the summary of a run, parsed lines, an overview of the published file."""
