/<text>&gt; 4000</a\
      <rule><inputEntry><text>-</text></inputEntry><inputEntry><text>&gt; 4500</text></inputEntry><outputEntry><text>7</text></outputEntry></rule>
