"""Detectors: networks that say where something is, made of the registry's bodies."""
