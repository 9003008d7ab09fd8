"""ACMG/AMP criteria that software can set, one module per family.

Each is a function from Evidence to one Criterion with a verdict, a strength and a reason; `AUTOMATED` lists
them.
"""
