# The same table is sound once its column says what comes in, though nobody else knows.
/id="Age_factor"/,/<\/decision>/s|<text>age</text></inputExpression>|<text>modulo(age, 100)</text></inputExpression><inputValues><text>[16..80]</text></inputValues>|
