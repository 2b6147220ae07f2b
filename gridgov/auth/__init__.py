"""Who may do what, and where: roles, the one table of permissions, accounts and posts, sessions and tokens.

Owns who somebody is and what that opens. Does not own what is done with it: every verb and every query asks.
"""
