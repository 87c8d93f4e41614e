s|<inputNode name="electric"><value xsi:type="xsd:boolean">false|<inputNode name="electric"><value xsi:type="xsd:boolean">true|
/<resultNode name="premium/d
/<\/testCase>/i\
    <resultNode name="Base premium"><expected><value xsi:type="xsd:decimal">60</value></expected></resultNode>
