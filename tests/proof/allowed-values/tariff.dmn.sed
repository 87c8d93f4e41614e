# A decision of which the model declares the values, and a table that leaves one of them out.
/<inputData id="age"/i\
  <itemDefinition name="tGear"><typeRef>string</typeRef><allowedValues><text>"none", "hub", "chain"</text></allowedValues></itemDefinition>
/id="Shares"/i\
  <decision id="Gear" name="Gear">\
    <variable name="Gear" typeRef="tGear"/>\
    <informationRequirement><requiredInput href="#lock"/></informationRequirement>\
    <literalExpression><text>substring after(lock, "art")</text></literalExpression>\
  </decision>
/id="Shares"/,/<\/decision>/{
s|<requiredInput href="#electric"/>|<requiredDecision href="#Gear"/>|
s|typeRef="boolean"><text>electric|typeRef="tGear"><text>Gear|
s|<text>true</text>|<text>"none"</text>|
s|<text>false</text>|<text>"hub"</text>|
}
