"""Which programs open the published file: `tests/clients/install` fetches them, a test asks each every question."""
