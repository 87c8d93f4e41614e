# Which of two rows goes first cannot be told when what they give is computed.
s/hitPolicy="FIRST"/hitPolicy="PRIORITY"/
/id="Lock_discount"/,/<\/decision>/{
s|<output name="percent" typeRef="number"/>|<output name="percent" typeRef="number"><outputValues><text>-10, -5, 0, 5</text></outputValues></output>|
s|<text>-5<|<text>if value > 3000 then -5 else 0<|
}
