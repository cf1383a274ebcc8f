"""Pictures made of others: copies, masks, drawn-over ones."""
