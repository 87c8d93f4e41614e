s/<outputEntry><text>2500</<outputEntry><text>2000</
