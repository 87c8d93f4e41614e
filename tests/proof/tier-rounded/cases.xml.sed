/<resultNode name="premium/d
/<\/testCase>/i\
    <resultNode name="Tier premium"><expected><value xsi:type="xsd:decimal">52.4</value></expected></resultNode>
