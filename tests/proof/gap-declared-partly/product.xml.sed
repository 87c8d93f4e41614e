s|<tiers|<gap table="Age factor" reason="No students"><input of="age">[20..25)</input></gap>\
    &|
