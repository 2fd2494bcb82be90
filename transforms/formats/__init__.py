"""Log formats: format strings of servers and named formats, compiled for the scanner."""
