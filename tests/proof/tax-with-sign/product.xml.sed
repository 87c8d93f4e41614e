# A percentage with its sign.
s/<tax rate="21"/<tax rate="21%"/
