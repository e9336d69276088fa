"""People who work here: what they may do, how they sign in, their tokens and their workspace's settings."""
