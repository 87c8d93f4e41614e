/id="Zone"/,/<\/decision>/{
/<rule>/d
}
