"""The location database: opening it, looking up addresses, and rebuilding the embedded file."""
