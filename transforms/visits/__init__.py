"""From the rows of sessions to counted visits, within the step `assign_visits`."""
