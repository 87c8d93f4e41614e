s/<tiers table="Tier"/<tiers table="Tiers"/
