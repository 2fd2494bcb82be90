"""What any step needs to run: its options, threads, progress counts, failures that quote nothing."""
