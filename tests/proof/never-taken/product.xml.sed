s/decision="Damage premium" taken_when="true"/decision="Damage premium" taken_when="1 = 2"/
