# Cairo and Pango are known to this folder alone.
PRINT_PACKAGES := cairo-pdf cairo-png pangocairo pangofc fontconfig
$(call objects,server/print): CPPFLAGS += $(shell pkg-config --cflags $(PRINT_PACKAGES) 2>/dev/null)
LIBRARIES += $(shell pkg-config --libs $(PRINT_PACKAGES) 2>/dev/null)
PRINT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/server/print/test_*.c))
$(PRINT_TESTS): CPPFLAGS += $(shell pkg-config --cflags $(PRINT_PACKAGES) 2>/dev/null)
