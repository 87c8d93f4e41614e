# Bases rounded to whole euros, as declared: 12 + 0.0505 * 1000 is 62.5, halves up 63.
s/<text>0\.05</<text>0.0505</
s/<text>62</<text>63</
s/<text>122</<text>123</
