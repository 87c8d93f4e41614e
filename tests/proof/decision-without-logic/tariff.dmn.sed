# A decision that was never written.
/<decision id="Damage_premium"/,/<\/decision>/{/literalExpression/d;}
