/<tiers/d
