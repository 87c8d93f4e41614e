# True, as a spreadsheet writes it.
s/<inputEntry><text>true<\/text><\/inputEntry><outputEntry><text>70/<inputEntry><text>TRUE<\/text><\/inputEntry><outputEntry><text>70/
