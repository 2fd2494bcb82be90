"""What a night needs, looked at before the night: `footfall doctor`."""
