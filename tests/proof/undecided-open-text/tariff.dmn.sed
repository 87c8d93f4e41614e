# A text that is not asked as a choice can be anything.
/<inputData id="bought"/a\
  <inputData id="frame_number" name="frame_number"><variable name="frame_number" typeRef="string"/></inputData>
/id="Zone"/,/<\/decision>/{
s/href="#region"/href="#frame_number"/
s/<text>region</<text>frame_number</
}
