"""Photos for tests: full of what a camera leaves in them, and files that are no photos at all."""
