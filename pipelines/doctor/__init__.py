"""`footfall doctor`: checks what a nightly run needs, before it runs."""
