# A range as spreadsheets write it.
s/\[18\.\.25)/18-25/
