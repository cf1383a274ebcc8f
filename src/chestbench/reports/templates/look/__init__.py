"""The page of `chestbench look`."""
