"""From the places of fields to numbers, times and addresses (step 3)."""
