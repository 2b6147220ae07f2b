"""Balanced, contiguous, compact parts of a graph of atoms: numbers alone, no geometry, no database."""
