"""What every domain stands on and that knows no city words: settings, errors, clock, database, private cluster, crypto."""
