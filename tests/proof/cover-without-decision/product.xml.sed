s/decision="Damage premium"/decision="Damages premium"/
