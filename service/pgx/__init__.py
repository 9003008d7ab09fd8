"""Pharmacogenes: alleles, diplotypes, phenotypes and guidance."""
