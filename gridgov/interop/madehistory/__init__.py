"""A history made from a seed, of any length from ten thousand to a hundred million incidents (`making`)."""
