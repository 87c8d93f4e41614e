# make bench: this server beside a bare CivetWeb and beside the peer, in one go. BENCH_SECONDS a row,
# BENCH_BOOK_SCALE the size of the book that is rated as a whole: 24000 for a million quotes.

$(BUILD)/bench/bare: tests/bench/bare.c $(CIVETWEB)/civetweb.o
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CPPFLAGS) -I$(CIVETWEB)/include $(CFLAGS) $(LDFLAGS) -o $@ $^ \
	    -lssl -lcrypto -lz -lm -ldl -pthread

.PHONY: bench
bench: install-test
	@$(MAKE) --no-print-directory all $(BUILD)/bench/bare
	@tests/bench/run $(BUILD)
