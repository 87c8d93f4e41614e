# The two bands meet above 80 alone, which the question does not allow: sound.
s/\[60\.\.80\]/>= 60/
s/\[25\.\.60)/[25..60), > 85/
s/> 85/\&gt; 85/
s/<text>>= 60/<text>\&gt;= 60/
