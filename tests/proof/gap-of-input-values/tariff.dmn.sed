# The column's own values are narrower than what the question allows.
0,/<text>age</s|<text>age</text></inputExpression>|&<inputValues><text>[18..80]</text></inputValues>|
