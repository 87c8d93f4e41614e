# Of a list it is a warning: a reason given twice may be meant, and does no harm.
/"young"/p
