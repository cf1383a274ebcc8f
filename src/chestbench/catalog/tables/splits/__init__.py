"""Train, val and test as columns, lists and files say them."""
