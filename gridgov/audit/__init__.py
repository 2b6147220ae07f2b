"""The audit trail: who did what, when, to which row; sealed so that a change of it is found; and a second person's yes.

Owns entries, seals, checkpoints, receipts and approvals. Does not own who somebody is (`auth`), nor what needs a second
person (the domains above say so).
"""
