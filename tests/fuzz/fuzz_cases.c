/* Worked examples as text: read, and each expected value compared with itself. */
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "quote-engine/cases.h"

enum { INPUT_MAX = 64 * 1024 };

static struct problems problems;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const struct moment moment = {
        .now = {{2026, 2, 28}, {0, {ZONE_OFFSET, 3600, 0, NULL}}},
        .zone_offset = clock_zone_offset};
    const struct source source = {"fuzz.xml", (const char *)bytes, length};
    struct cases *cases = NULL;
    if (length > INPUT_MAX) return 0;
    memset(&problems, 0, sizeof problems);
    if (cases_read(&source, &moment, &problems, &cases) != QUOTE_OK) {
        FUZZ_CHECK(problems.errors > 0 && !cases, "refused without a problem");
        return 0;
    }
    for (int i = 0; i < cases->count; i++) {
        const struct cases_case *item = &cases->items[i];
        FUZZ_CHECK(item->id && item->description && item->inputs.kind == VALUE_CONTEXT,
                   "an incomplete case");
        for (int r = 0; r < item->result_count; r++) {
            const struct value *expected = &item->results[r].expected;
            FUZZ_CHECK(cases_equal(expected, expected, &moment) &&
                           cases_near(expected, expected, &moment),
                       "a value that is not itself");
        }
    }
    cases_free(cases);
    return 0;
}
