s/<text>122</<text>value - 100</
