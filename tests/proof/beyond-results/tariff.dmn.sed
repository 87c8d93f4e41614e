/"B".*true/s/"B"/"B", "C"/
