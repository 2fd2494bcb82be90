"""Turns the rows of sessions into counted visits, within the step `assign_visits`."""
