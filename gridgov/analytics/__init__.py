"""Counts of incidents by area, time and category, and the vector tiles of the map."""
