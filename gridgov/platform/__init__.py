"""What every domain stands on, without city words: settings, errors, clock, database, private cluster, sealing."""
