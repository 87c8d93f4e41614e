s/columns="theft damage"/columns="theft damages"/
