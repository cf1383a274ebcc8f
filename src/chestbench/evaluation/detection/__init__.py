"""How good is one detector, and where does it miss?"""
