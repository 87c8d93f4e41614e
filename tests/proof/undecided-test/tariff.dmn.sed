s/<text>\[18\.\.25)</<text>? * 2 \&gt;= 36 and ? \&lt; 25</
