"""Plans as files: out to GIS and sheets, in again after a preview; what a stranger drew, checked first."""
