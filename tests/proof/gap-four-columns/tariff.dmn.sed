/"city".*true.*"art3"/d
