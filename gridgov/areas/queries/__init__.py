"""All SQL of areas, by table group. Private to the domain."""
