/<inputData id="bought"/a\
  <inputData id="bell" name="bell"><variable name="bell" typeRef="boolean"/></inputData>
