"""Atoms: the smallest pieces that go to a grid as a whole, made from streets, buildings or given polygons. Pure."""
