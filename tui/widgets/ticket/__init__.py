"""One ticket: its head, its timeline and what stands beside them."""
