# Rates per 1000: now every base is wrong.
s/<tiers table="Tier"/<tiers table="Tier" per="1000"/
