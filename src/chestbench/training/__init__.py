"""Feeding, recipes and everything that happens while a network learns."""
