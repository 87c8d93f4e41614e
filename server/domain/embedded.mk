# The products that ship and the schema of products, put into the program.
EMBEDDED := $(sort schema/product.xsd $(foreach ending,xml dmn md txt, \
    $(wildcard quote-engine/products/*/*.$(ending))) \
    $(wildcard quote-engine/products/*/documents/*.md))

$(BUILD)/gen/embedded_files.c: server/domain/embed $(EMBEDDED) server/domain/embedded.mk
	@mkdir -p $(@D)
	server/domain/embed $(EMBEDDED) >$@.new
	@mv $@.new $@

$(BUILD)/obj/gen/embedded_files.o: $(BUILD)/gen/embedded_files.c server/domain/embedded.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(call library,server/domain): $(BUILD)/obj/gen/embedded_files.o
