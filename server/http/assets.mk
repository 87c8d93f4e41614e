# The pages, styles and pictures of www/, built into the program with their types and tags.
ASSET_FILES := $(sort $(wildcard www/*.html www/*.css www/*.js www/*.svg))

$(BUILD)/gen/http_assets.h: $(ASSET_FILES) server/http/assets-embed server/http/assets.mk
	$(call generate,server/http/assets-embed $(ASSET_FILES))
$(BUILD)/obj/server/http/assets.o: $(BUILD)/gen/http_assets.h
