s/<text>&gt;= date("2023-06-01")<\(.*\)1\.0</<text>\&gt;= date("2023-06-01")<\1if bought = null then 2 else 1</
