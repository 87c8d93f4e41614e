# The question ends at 80: a warning, for the range may be widened later.
/\[60\.\.80\]/a\
      <rule><inputEntry><text>&gt; 80</text></inputEntry><outputEntry><text>2.00</text></outputEntry></rule>
