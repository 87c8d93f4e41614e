s/<tiers table="Tier" base="base"/<tiers table="Tier" base="basis"/
