/<inputData id="bought"/a\
  <inputData id="frame_number" name="frame_number"><variable name="frame_number" typeRef="string"/></inputData>
/id="Shares"/,/<\/decision>/{
s|<requiredInput href="#electric"/>|<requiredInput href="#frame_number"/>|
s|typeRef="boolean"><text>electric|typeRef="string"><text>frame_number|
s|<text>true</text>|<text>"GR"</text>|
s|<text>false</text>|<text>"ZH"</text>|
}
