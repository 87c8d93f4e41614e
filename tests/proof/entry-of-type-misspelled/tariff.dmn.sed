# The same of a declared type.
s/Shares\.theft/Shares.teft/; s/<variable name="Shares"/<variable name="Shares" typeRef="tShares"/; s/^  <inputData id="age"/  <itemDefinition name="tShares"><itemComponent name="theft"><typeRef>number<\/typeRef><\/itemComponent><itemComponent name="damage"><typeRef>number<\/typeRef><\/itemComponent><\/itemDefinition>&/
