/"B".*false.*40/d
