"""What the service remembers: results, audit, cached frequency answers. SQLModel's home beside knowledge."""
