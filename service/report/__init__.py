"""Findings -> what a clinician reads: one self-contained page, for screen and paper."""
