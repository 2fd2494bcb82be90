"""Reading files as blocks of bytes, and finding the byte offsets of the fields of each line (step 2)."""
