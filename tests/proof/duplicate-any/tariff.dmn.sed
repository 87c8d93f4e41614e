/<text>&gt;= date("2023-06-01")</p
