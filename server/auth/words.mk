# Words of common passwords, put into the program.
$(BUILD)/gen/password_words.c: server/auth/words-embed server/auth/common-passwords.txt
	$(call generate,server/auth/words-embed server/auth/common-passwords.txt)

$(BUILD)/obj/gen/password_words.o: $(BUILD)/gen/password_words.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(call library,server/auth): $(BUILD)/obj/gen/password_words.o
