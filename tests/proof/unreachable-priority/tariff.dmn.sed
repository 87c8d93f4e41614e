s/hitPolicy="FIRST"/hitPolicy="PRIORITY"/
/Lock_discount/,/decision>/s|<output name="percent" typeRef="number"/>|<output name="percent" typeRef="number"><outputValues><text>0, 5, -5, -10</text></outputValues></output>|
