# Quotation marks of a word processor.
s/>"city"<\/text><\/inputEntry><outputEntry><text>"A"/>“city”<\/text><\/inputEntry><outputEntry><text>"A"/
