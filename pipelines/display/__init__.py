"""What a person sees on the terminal: progress, the summary of a run, how lines are understood, an overview."""
