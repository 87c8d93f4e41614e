# No row for ages from 18 to 24.
/\[18\.\.25)/d
