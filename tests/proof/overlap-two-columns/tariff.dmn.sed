/"A".*false/s/false/-/
