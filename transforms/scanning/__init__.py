"""From files to blocks of bytes, and from blocks to the places of every line's fields (steps 1 and 2)."""
