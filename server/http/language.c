/* Language ranges by their first subtag: "nl-BE" asks for Dutch. A weight that is no weight makes
 * its range not count. */
#include "language.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "weighted.h"

static bool range_is(const struct weighted *range, const char *tag) {
    size_t first = 0;
    while (first < range->length && range->name[first] != '-') first++;
    return first == strlen(tag) && strncasecmp(range->name, tag, first) == 0;
}

enum language language_choose(const char *accept_language) {
    enum language chosen = LANGUAGE_NL;
    int best = 0;
    const char *at = accept_language ? accept_language : "";
    struct weighted range;
    while (weighted_next(&at, &range)) {
        if (range.weight <= best) continue;
        if (range_is(&range, "nl") || range_is(&range, "*")) {
            chosen = LANGUAGE_NL;
            best = range.weight;
        } else if (range_is(&range, "en")) {
            chosen = LANGUAGE_EN;
            best = range.weight;
        }
    }
    return chosen;
}
