/"city".*"A"/s/"city"/"city", "cty"/
