# Fuzzing. `make fuzz` builds every target with clang's libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer and runs each for FUZZ_SECONDS; a target alone: FUZZ="feel dmn". The
# kept corpus is replayed in the ordinary suite too, with the ordinary compiler.

FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_NAMES := $(FUZZ_SOURCES:tests/fuzz/fuzz_%.c=%)
FUZZ_REPLAYS := $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/replay_%)
FUZZ_PROGRAMS := $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/fuzz_%)
FUZZ_LIBRARIES = $(foreach folder,$(filter-out server/cli,$(FOLDERS)),$(call library,$(folder)))
FUZZ_SECONDS ?= 60
FUZZ ?= $(FUZZ_NAMES)
CLANG ?= clang

$(FUZZ_REPLAYS): $(BUILD)/tests/fuzz/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c \
        tests/fuzz/fuzz.h tests/fuzz/store.h $(FUZZ_LIBRARIES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) -Wl,--start-group \
	    $(filter %.a,$^) -Wl,--end-group $(LIBRARIES)

$(FUZZ_PROGRAMS): $(BUILD)/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz.h \
        tests/fuzz/store.h $(FUZZ_LIBRARIES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< -Wl,--start-group \
	    $(filter %.a,$^) -Wl,--end-group $(LIBRARIES)

.PHONY: fuzz fuzz-programs fuzz-replays install-fuzz
install-fuzz:
	@.ci/install fuzz

fuzz-replays: $(FUZZ_REPLAYS)
fuzz-programs: $(FUZZ_PROGRAMS)

fuzz: install-fuzz
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=$(CLANG) STRICT= OPTIMIZE='-O1 -g' \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all -fsanitize=fuzzer-no-link' \
	    fuzz-programs
	@tests/fuzz/run build/fuzz $(FUZZ_SECONDS) $(FUZZ)
