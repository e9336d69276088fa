"""Makes the numbers that the built-in analyzer carries: `python -m training PART`. No part of the product imports it."""
