"""Areas: city, district, sub-district (optional), community and grid, in versions of time; layers, places, names."""
