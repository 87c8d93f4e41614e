/<text>false<.*60.*40/d
