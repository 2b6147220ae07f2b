"""Private data: masks, notices and consents, requests of the persons concerned, retention, re-sealing.

Owns what the law asks for whatever is personal, wherever it lies (个人信息保护法). Does not own the personal data of
the domains: each brings a `Holding`, by which its own can be found, copied, corrected, erased and outlived.
"""
