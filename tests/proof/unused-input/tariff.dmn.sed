/<inputData id="bought"/a\
  <inputData id="frame_number" name="frame_number"><variable name="frame_number" typeRef="string"/></inputData>
