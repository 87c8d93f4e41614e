# An answer that the product refuses: its case is not rated as well.
s/>city</>citty</; s/>town</>toun</
