"""Scripts that fit the weights of the built-in analyzer on annotated meetings. Nothing of the product imports them."""
