"""Which of Beam's engines runs a pipeline, and how the process is set up for it."""
