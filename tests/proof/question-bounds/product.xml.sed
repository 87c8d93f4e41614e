# Bounds the wrong way round: a mistake of the question, not of the tables over it.
s/minimum="16" maximum="80"/minimum="80" maximum="16"/
