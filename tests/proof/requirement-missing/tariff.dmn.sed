# An input that the model has and this decision does not require.
/<decision id="Zone"/,/<\/decision>/{/#region/d;}
