"""Makes systemd run the nightly job."""
