# A number between quotation marks.
s/>1\.30</>"1.30"</
