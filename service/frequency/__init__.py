"""Allele frequencies from every source, each with an outcome: a failure never reads as absence."""
