s|<tiers|<gap table="Age factors" reason="None"/>\
    <gap table="Zone" reason="None"><input of="city">"a"</input></gap>\
    <gap table="Tier" reason="None"><input of="value">value * 2</input></gap>\
    &|
