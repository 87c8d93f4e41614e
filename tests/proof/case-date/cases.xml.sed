# A date as people write it.
s/2022-05-01/01-05-2022/
