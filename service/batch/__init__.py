"""Many samples from one manifest: each task writes its own result and returns an id."""
