"""Pure geometry and numbers: no database, no settings, no clock."""
