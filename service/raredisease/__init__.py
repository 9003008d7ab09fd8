"""Published assertions, consent, inheritance and statements."""
