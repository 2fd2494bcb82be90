"""Real servers, started with a configuration of a few lines, whose logs are compared with what was sent to them."""
