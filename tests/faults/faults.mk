# Faults: shims that stand between the program and the system, each a library to be preloaded, and
# the words that run the tests which use them. `make crash KILLS=1000 RESTARTS=100` for as many as
# you like; the suite takes few.
SHIMS := $(patsubst tests/faults/%.c,$(BUILD)/faults/%.so,$(wildcard tests/faults/shim_*.c))

.PHONY: shims crash
shims: $(SHIMS)

# Without sanitizers: a shim is loaded before theirs.
$(BUILD)/faults/%.so: tests/faults/%.c tests/faults/control.h
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -std=c17 -D_GNU_SOURCE -O2 -g $(WARNINGS) -I. -shared -fPIC -o $@ $< \
	    -ldl -pthread

FAULTS ?= kill power disk database memory clock restart webhook
crash: install-test
	@$(MAKE) --no-print-directory all shims
	@for name in $(FAULTS); do \
	    KOPPEL_BUILD=$(BUILD) node --test --test-reporter=tap tests/faults/$$name.test.mjs || exit 1; \
	done
