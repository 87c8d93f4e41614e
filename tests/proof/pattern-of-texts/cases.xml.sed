/<inputNode name="bought"/a\
    <inputNode name="frame_number"><value xsi:type="xsd:string">ZH</value></inputNode>
