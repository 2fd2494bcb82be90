"""Tests with real servers: their logs are compared with the requests that were sent to them."""
