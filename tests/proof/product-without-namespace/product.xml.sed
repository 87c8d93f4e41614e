# The first element without its namespace.
s/ xmlns="urn:koppel:product:v1"//
