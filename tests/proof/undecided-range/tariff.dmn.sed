/id="Age_factor"/,/<\/decision>/s|<text>age</text>|<text>modulo(age, 100)</text>|
