# Two columns of one input, as tables with "from" and "to" have them.
/id="Age_factor"/,/<\/decision>/{
s|<input>.*|&\
&|
s|<text>\[\([0-9]*\)\.\.\([0-9]*\))</text></inputEntry>|<text>\&gt;= \1</text></inputEntry><inputEntry><text>\&lt; \2</text></inputEntry>|
s|<text>\[60\.\.80\]</text></inputEntry>|<text>\&gt; 60</text></inputEntry><inputEntry><text>-</text></inputEntry>|
}
