# The table of migrations, generated from schema/NNNN_*.sql into the store's library. The folder
# itself is a prerequisite, so that a removed file is noticed.
$(BUILD)/gen/migrations.c: server/db/migrations-list schema $(wildcard schema/[0-9]*.sql)
	$(call generate,server/db/migrations-list schema)

$(BUILD)/gen/migrations.o: $(BUILD)/gen/migrations.c server/db/db.h server/base/error.h
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(BUILD)/lib/server-db.a: $(BUILD)/gen/migrations.o
