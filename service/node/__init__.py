"""A national node: Beacon v2 over allele counts, with low-count suppression."""
