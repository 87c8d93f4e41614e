# The first thing that the parser finds, not the last.
0,/<\/decisionTable>/{/<\/decisionTable>/d;}
