"""Duties: the catalogue of categories, agencies and their sites, duty lists, and who is responsible where."""
