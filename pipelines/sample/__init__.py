"""The generator of sample logs: an invented shop with visitors, bots and malformed lines."""
