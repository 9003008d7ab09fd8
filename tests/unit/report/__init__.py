"""The report's tests."""
