# A letter of another encoding.
s/Hoe oud/Hoe \xe9\xe9n/
