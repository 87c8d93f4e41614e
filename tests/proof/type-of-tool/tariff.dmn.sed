# A type as another tool calls it.
s/<variable name="Tier premium" typeRef="number"/<variable name="Tier premium" typeRef="double"/
