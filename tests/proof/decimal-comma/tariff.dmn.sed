# A decimal comma.
s/>1\.30</>1,30</
