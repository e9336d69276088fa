"""Makes the numbers that the built-in analyzer carries: `python -m training PART`. The product imports none of it."""
