# An entry that a decision does not have: told where it stands, and not once more by every case.
s/Tier\.base/Tier.bse/
