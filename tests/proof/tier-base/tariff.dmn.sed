s/<text>122</<text>120</
