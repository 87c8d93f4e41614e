# Another.
s/Bicycle insurance/Bicycle \& insurance/
