# A table without inputs: both rows always match.
/id="Shares"/,/<\/decision>/{
/<input>/d
s|<inputEntry>.*</inputEntry>||
}
