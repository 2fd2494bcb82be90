"""Commands that stand beside the nightly one: location data, settings, the schedule."""
