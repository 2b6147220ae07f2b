"""What the people of the demo city do with its matters: ninety days of case files, from the report to the rating.

`cast` says who acts, `world` what the lists say about a matter, `life` keeps the time of one case, `plots` and
`whistles` are what may happen to it, `loading` works the old ones out and has the last ones live through the services.
All chance comes from named streams of a seed. No person's name and no number of a telephone occurs in any text.
"""
