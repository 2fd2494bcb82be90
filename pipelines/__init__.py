"""What is run: the nightly pipeline, its command line, the publisher, and the generator of sample logs."""
