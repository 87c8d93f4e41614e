# build/gen/operations.c: the table of operations, put together from what lies in server/api. It
# goes into that folder's library, so that a test of a lower floor can bring a table of its own.
API_SOURCES := $(sort $(wildcard server/api/*.c))

$(BUILD)/gen/operations.c: server/operation/operations-list $(API_SOURCES) server/api
	$(call generate,server/operation/operations-list $(API_SOURCES))

$(BUILD)/obj/gen/operations.o: $(BUILD)/gen/operations.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

ifneq ($(API_SOURCES),)
$(call library,server/api): $(BUILD)/obj/gen/operations.o
endif
