"""Pages for readers without an account: one file each, that opens without a network."""
