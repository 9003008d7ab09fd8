"""The first octets of a column store: what the file is, and of which form."""

MAGIC = b"GWCOLS02"
