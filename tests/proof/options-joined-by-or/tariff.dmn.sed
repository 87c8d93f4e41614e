# Options joined by a word in place of a comma.
s/"town", "village"/"town" or "village"/
