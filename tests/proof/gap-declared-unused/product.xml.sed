s|<tiers|<gap table="Age factor" reason="None below 16"><input of="age">\&lt; 20</input></gap>\
    &|
