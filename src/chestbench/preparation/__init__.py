"""From the catalog to arrays and a reading order."""
