# Koppel: make run, make test, make bench, make sanitize, make crash, make tidy.
# Plain make builds build/koppel.
# Every folder of sources becomes one static library; a test links its own folder's and the lower
# floors' libraries, so that a test of a lower floor cannot lean on a higher one.

.DEFAULT_GOAL := all
BUILD ?= build
CC ?= cc
OPTIMIZE ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wvla -Wformat=2
# A newer compiler's new warnings must not keep anybody from building; here they must not land.
WARNINGS += $(if $(STRICT),-Werror)
CFLAGS += -std=c17 -D_GNU_SOURCE $(OPTIMIZE) $(WARNINGS) $(SANITIZE) -fno-strict-aliasing \
          -fstack-protector-strong -D_FORTIFY_SOURCE=2 -pthread
PACKAGES := libxml-2.0 sqlite3 libpq libssl libcrypto jansson libpcre2-8 libutf8proc zlib libcmark libcurl libsodium libqrencode
CPPFLAGS += -I. -Iserver -I$(BUILD)/gen $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LIBRARIES := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
# Arguments by value, rounding as an argument, no global flags: see quote-engine/decimal.c.
LIBRARIES += -lbidgcc000 -lm -pthread

# Folders by floor, highest first: the order of linking.
FOLDERS := server/cli server/jobs server/soap server/http server/api server/domain \
           server/operation server/print server/auth server/message server/db server/base \
           quote-engine
FOLDERS := $(foreach folder,$(FOLDERS),$(if $(wildcard $(folder)/*.c),$(folder)))
# V=1 shows the commands.
say = $(if $(V),,@echo '  $(1)  $(2)' && )
# A source file that a command prints.
generate = $(call say,GEN,$@)mkdir -p $(@D) && $(1) >$@.new && mv $@.new $@
library = $(BUILD)/lib/$(subst /,-,$(1)).a
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(1)/*.c))


.PHONY: all floors
all: floors $(BUILD)/koppel

# A file includes headers of its own folder or of a lower floor.
floors:
	@tests/tidy --floors

# Rules that belong to one part lie in a file of their own: civetweb.mk, operations.mk, …
include $(wildcard server/*/*.mk)

define folder_rules
$(call library,$(1)): $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(call say,AR,$$@)ar rcs $$@ $$^
.PHONY: lib-$(subst /,-,$(1))
lib-$(subst /,-,$(1)): $(call library,$(1))
endef
$(foreach folder,$(FOLDERS),$(eval $(call folder_rules,$(folder))))

$(BUILD)/obj/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

$(BUILD)/koppel: $(foreach folder,$(FOLDERS),$(call library,$(folder))) $(EXTRA_OBJECTS)
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ -Wl,--start-group $(filter %.a %.o,$^) -Wl,--end-group \
	    $(LIBRARIES)

# ---- unit tests: tests/unit/<folder>/test_*.c, one cmocka program each ------------------------
# floors_of: the folder itself and everything after it in FOLDERS.
floors_of = $(call floors_walk,$(1),$(FOLDERS))
floors_walk = $(if $(2),$(if $(filter $(1),$(firstword $(2))),$(2),$(call floors_walk,$(1),$(wordlist 2,$(words $(2)),$(2)))))
UNIT_SOURCES := $(wildcard $(foreach folder,$(FOLDERS),tests/unit/$(folder)/test_*.c))
UNIT_PROGRAMS := $(UNIT_SOURCES:%.c=$(BUILD)/%)

define unit_rules
$(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/$(1)/test_*.c)): $(BUILD)/%: %.c \
        $(foreach lower,$(call floors_of,$(1)),$(call library,$(lower))) $(EXTRA_OBJECTS)
	@mkdir -p $$(@D)
	$(call say,LD,$$@)$(CC) $$(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $$@ $$< -Wl,--start-group \
	    $$(filter %.a %.o,$$^) -Wl,--end-group -lcmocka $(LIBRARIES)
.PHONY: unit-$(subst /,-,$(1))
unit-$(subst /,-,$(1)): $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/$(1)/test_*.c))
	@for test in $$^; do echo "== $$$$test"; $$$$test || exit 1; done
endef
$(foreach folder,$(FOLDERS),$(eval $(call unit_rules,$(folder))))

include tests/fuzz/fuzz.mk
include tests/bench/bench.mk
include tests/faults/faults.mk

# ---- what people type -------------------------------------------------------------------------
# Installing and building are separate makes: what pkg-config says is read when make starts.
DATA ?= var

.PHONY: install-build install-test run build test tidy sanitize clean
install-build:
	@.ci/install build

install-test:
	@.ci/install test

run: install-build
	@$(MAKE) --no-print-directory all
	@server/cli/run-demo $(BUILD)/koppel $(DATA)

test: install-test
	@$(MAKE) --no-print-directory all units shims
	@tests/run $(BUILD) $(UNIT_PROGRAMS)

.PHONY: units
units: $(UNIT_PROGRAMS) fuzz-replays

tidy: install-test
	@$(MAKE) --no-print-directory $(call library,quote-engine)
	@tests/tidy $(BUILD)

# Writes schema/openapi.json and schema/quote.wsdl anew, after a change to the API that was meant.
.PHONY: snapshots
snapshots: all
	KOPPEL_SNAPSHOTS=write KOPPEL_BUILD=$(BUILD) node --test tests/api/openapi.test.mjs \
	    tests/soap/schema.test.mjs

# The whole suite with AddressSanitizer and UndefinedBehaviorSanitizer, and once more with
# ThreadSanitizer, CivetWeb included.
SANITIZERS ?= address thread
sanitize: install-test
	@for name in $(SANITIZERS); do tests/sanitizers/run $$name || exit 1; done

clean:
	rm -rf $(BUILD)
