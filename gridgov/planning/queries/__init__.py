"""SQL of planning, by noun; private to the package."""
