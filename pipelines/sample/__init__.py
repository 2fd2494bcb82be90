"""The generator of sample logs: a shop with visitors, machines and everything that can be wrong with a line."""
