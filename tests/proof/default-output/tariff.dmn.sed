# A default output says what holds where there is no row: sound.
/name="factor" typeRef="number"/{
s|/>|><defaultOutputEntry><text>1</text></defaultOutputEntry></output>|
}
/\[18\.\.25)/d
