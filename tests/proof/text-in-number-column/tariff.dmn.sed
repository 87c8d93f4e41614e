# A text in a column of numbers: no guess at what null it leads to.
s/\[18\.\.25)/"18"/
