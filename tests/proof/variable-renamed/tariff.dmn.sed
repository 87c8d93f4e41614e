# A decision that was renamed, and its variable not.
s/<decision id="Season" name="Season"/<decision id="Season" name="Seasonal factor"/
