"""Log formats as data: what a server was told to write, compiled for the scanner."""
