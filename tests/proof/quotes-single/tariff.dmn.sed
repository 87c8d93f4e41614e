# Single quotation marks.
s/>"art2"</>'art2'</
