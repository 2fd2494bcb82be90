"""Has systemd run the nights."""
