"""People told from machines by what they do."""
