# Several things at once, each told: a band too low, one too wide, a row that is there twice.
s/\[16\.\.18)/[15..17)/
s/\[25\.\.60)/[24..60)/
/"A".*true/p
