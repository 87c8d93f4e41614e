# Amounts have cents: between 1000 and 1001 there are 99 of them.
s/(1000\.\.2500]/[1001..2500]/
