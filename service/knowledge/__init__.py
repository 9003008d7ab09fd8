"""Content -> typed, versioned knowledge."""
