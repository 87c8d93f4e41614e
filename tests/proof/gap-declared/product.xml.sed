# A gap that is meant: sound.
s|<tiers|<gap table="Base premium" reason="No plain bicycles outside the city"><input of="Zone">"B"</input><input of="electric">false</input></gap>\
    &|
s|<answer name="electric">false|<answer name="electric">true|
