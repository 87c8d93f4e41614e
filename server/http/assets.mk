# The pages of www/: built by esbuild, compressed, and embedded in the program with their types and
# tags.
WWW_TOOLS := $(BUILD)/www-tools

$(WWW_TOOLS)/.installed: www/package.json www/package-lock.json server/http/www-tools
	$(call say,NPM,$(WWW_TOOLS))server/http/www-tools $(WWW_TOOLS)

# Folders are named as well: their time changes when a file goes.
$(BUILD)/www/.built: $(shell find www) $(WWW_TOOLS)/.installed
	$(call say,WWW,$(BUILD)/www)node www/build.mjs $(WWW_TOOLS) $(BUILD)/www

$(BUILD)/gen/http_assets.h: $(BUILD)/www/.built www/paths.txt server/http/assets-embed
	$(call generate,server/http/assets-embed $(BUILD)/www www/paths.txt)
$(BUILD)/obj/server/http/assets.o: $(BUILD)/gen/http_assets.h
