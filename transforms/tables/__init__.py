"""The published tables, declared, and the partial tables that add up to them."""
