"""A flow as its admin shapes it: phases by status, checklists, members, settings."""
