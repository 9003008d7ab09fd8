"""Three patients composed from real variants, and the demo that interprets them."""
