# Zone can give C, of which the table of base premiums knows nothing.
s/"town", "village"/"town"/
/<text>"town"</a\
      <rule><inputEntry><text>"village"</text></inputEntry><outputEntry><text>"C"</text></outputEntry></rule>
