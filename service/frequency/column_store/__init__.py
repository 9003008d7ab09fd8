"""Allele counts of tens of millions of sites in one compressed, memory-mapped file."""
