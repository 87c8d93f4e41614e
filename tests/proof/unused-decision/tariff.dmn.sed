/<\/definitions>/i\
  <decision id="Bell_discount" name="Bell discount">\
    <variable name="Bell discount" typeRef="number"/>\
    <literalExpression><text>-5</text></literalExpression>\
  </decision>
