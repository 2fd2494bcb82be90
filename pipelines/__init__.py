"""What is run: the nightly pipeline, its command line, the publisher, the report, and the generator of samples."""
