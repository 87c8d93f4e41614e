# A result that the table itself does not list.
s/<output name="zone" typeRef="string"\/>/<output name="zone" typeRef="string"><outputValues><text>"A", "C"<\/text><\/outputValues><\/output>/
