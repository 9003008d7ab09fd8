"""The first octets of a column store: what the file is, and of which form."""

MAGIC = b"GWCOLS03"
# Stores of these forms are read too: in 02 no allele is listed without counts.
READABLE = (MAGIC, b"GWCOLS02")
