# An option without quotation marks.
s/>"art2"</>art2</
