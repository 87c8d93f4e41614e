# Two cases of one id.
/<testCase /,/<\/testCase>/H
/<\/testCases>/{x;s/^\n//;G}
