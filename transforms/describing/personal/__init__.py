"""What is personal in a text that a client wrote: a module per kind, each a table of rules; `rules` has their order."""
