"""From scanned lines to counted hits, within the step `parse_hits`."""
