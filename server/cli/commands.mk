# build/gen/commands.c: the table of commands, put together from what lies in server/cli.
CLI_SOURCES := $(sort $(wildcard server/cli/*.c))

$(BUILD)/gen/commands.c: server/cli/commands-list $(CLI_SOURCES) server/cli
	$(call generate,server/cli/commands-list $(CLI_SOURCES))

$(BUILD)/obj/gen/commands.o: $(BUILD)/gen/commands.c server/cli/command.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(call library,server/cli): $(BUILD)/obj/gen/commands.o
