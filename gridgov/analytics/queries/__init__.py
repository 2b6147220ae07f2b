"""All SQL of analytics. Private to the domain."""
