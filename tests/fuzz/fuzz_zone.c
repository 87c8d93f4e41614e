/* A compiled zone file (TZif) as bytes: read, then asked for offsets over all of time. The reader
 * is private to its file, so that file is part of this program. */
#include "base/zone.c"

#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    return 0;
}

static void ask(int64_t seconds) {
    int32_t offset = 0;
    FUZZ_CHECK(clock_zone_offset(NULL, "Fuzz", 4, seconds, &offset), "the zone is lost");
    FUZZ_CHECK(offset >= -WIDEST_SECONDS && offset <= WIDEST_SECONDS, "offset %d", offset);
    FUZZ_CHECK(clock_zone_offset_utc("Fuzz", 4, seconds, &offset), "the zone is lost");
    FUZZ_CHECK(offset >= -WIDEST_SECONDS && offset <= WIDEST_SECONDS, "offset %d", offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct zone zone = {.name = "Fuzz", .name_length = 4};
    if (length > ZONE_FILE_MAX_BYTES) return 0;
    if (read_zone_file((const char *)bytes, length, &zone)) {
        static const int64_t far[] = {INT64_MIN, INT64_MIN / 2, -1, 0, 1, INT64_C(1) << 40,
                                      INT64_MAX / 2, INT64_MAX};
        cache.zones[0] = &zone;
        cache.count = 1;
        for (size_t i = 0; i < sizeof far / sizeof *far; i++) ask(far[i]);
        for (int64_t at = -86400; at < 800 * 86400; at += 86400 / 2 + 1800)
            ask(INT64_C(1767225600) + at);
        for (size_t i = 0; i < zone.change_count && i < 50; i++)
            for (int64_t near = -7200; near <= 7200; near += 3600)
                if (zone.changes[i].at_seconds > INT64_MIN / 2 &&
                    zone.changes[i].at_seconds < INT64_MAX / 2)
                    ask(zone.changes[i].at_seconds + near);
        cache.count = 0;
    }
    free(zone.changes);
    return 0;
}
