"""One module a noun: its paths, its bodies, and the verbs that answer them."""
