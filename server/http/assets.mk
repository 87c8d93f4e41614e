# The pages, styles and pictures of www/, built into the program with their types and tags.
ASSET_FILES := $(sort $(wildcard www/*.html www/*.css www/*.js www/*.svg))

$(BUILD)/gen/http_assets.h: $(ASSET_FILES) server/http/assets-embed.sh server/http/assets.mk
	@mkdir -p $(@D)
	server/http/assets-embed.sh $(ASSET_FILES) >$@.new
	mv $@.new $@
$(BUILD)/obj/server/http/assets.o: $(BUILD)/gen/http_assets.h
