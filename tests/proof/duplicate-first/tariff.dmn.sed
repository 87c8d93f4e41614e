/<text>&gt; 4000</p
