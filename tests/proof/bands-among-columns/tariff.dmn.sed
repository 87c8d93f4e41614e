# The gap between the ages is there for bicycles with a motor in the city alone.
s/&gt;= 25</\&gt; 25</
