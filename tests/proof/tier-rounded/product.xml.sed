s/<tiers table="Tier"/<tiers table="Tier" unit="1"/
