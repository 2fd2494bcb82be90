"""Commands other than the nightly one: location data, settings, the schedule."""
