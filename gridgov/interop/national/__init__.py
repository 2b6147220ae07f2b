"""Past one machine: what cities hand out as partitioned GeoParquet, and the national job over it."""
