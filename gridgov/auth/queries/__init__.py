"""All SQL of auth, one file a noun. Private to the domain."""
