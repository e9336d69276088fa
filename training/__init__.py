"""Makes the numbers that the built-in analyzer carries: `python -m training PART`. Nothing of the product imports it."""
