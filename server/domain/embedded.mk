# The products that ship, the schema of products and the change log of the API, put into the program.
EMBEDDED := $(sort schema/product.xsd schema/changes.json $(foreach ending,xml dmn md txt, \
    $(wildcard quote-engine/products/*/*.$(ending))) \
    $(wildcard quote-engine/products/*/documents/*.md))

$(BUILD)/gen/embedded_files.c: server/domain/files-embed $(EMBEDDED) server/domain/embedded.mk
	$(call generate,server/domain/files-embed $(EMBEDDED))

$(BUILD)/obj/gen/embedded_files.o: $(BUILD)/gen/embedded_files.c server/domain/embedded.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(call library,server/domain): $(BUILD)/obj/gen/embedded_files.o
