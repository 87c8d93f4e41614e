# Ages are whole numbers, so nothing lies between 24 and 25: this one is sound.
s/\[18\.\.25)/[18..24]/
