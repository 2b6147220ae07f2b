"""SQL of notices, by noun. Private to the domain."""
