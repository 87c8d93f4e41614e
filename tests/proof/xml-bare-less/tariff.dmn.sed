# A bare sign in a text.
s/&lt; 25/< 25/
