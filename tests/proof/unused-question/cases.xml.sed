/<inputNode name="bought"/a\
    <inputNode name="bell"><value xsi:type="xsd:boolean">true</value></inputNode>
