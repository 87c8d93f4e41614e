s/not("city")/not("village")/
