# Without its last row a FIRST table leaves out what no other row takes.
/<text>-<.*<text>-<.*<text>0<.*rule>/{/inputEntry.*inputEntry.*inputEntry.*inputEntry.*inputEntry/!d
}
