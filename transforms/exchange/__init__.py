"""What steps leave for each other in files."""
