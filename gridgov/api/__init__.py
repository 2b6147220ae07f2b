"""HTTP: routes, bodies and problems. The only package that knows FastAPI."""
