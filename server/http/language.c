/* Language ranges by their first subtag: "nl-BE" asks for Dutch. A weight that is no weight makes
 * its range not count. */
#include "language.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* "q=0.8" in thousandths; -1 when it is none. */
static int read_weight(const char *text, size_t length) {
    if (length < 3 || (text[0] | 0x20) != 'q' || text[1] != '=') return -1;
    if (text[2] != '0' && text[2] != '1') return -1;
    int weight = (text[2] - '0') * 1000, unit = 100;
    if (length > 3 && text[3] != '.') return -1;
    if (length > 7) return -1;
    for (size_t i = 4; i < length; i++, unit /= 10) {
        if (text[i] < '0' || text[i] > '9') return -1;
        weight += (text[i] - '0') * unit;
    }
    return weight > 1000 ? -1 : weight;
}

static bool range_is(const char *range, size_t length, const char *tag) {
    size_t first = 0;
    while (first < length && range[first] != '-') first++;
    return first == strlen(tag) && strncasecmp(range, tag, first) == 0;
}

enum language language_choose(const char *accept_language) {
    enum language chosen = LANGUAGE_NL;
    int best = 0;
    const char *at = accept_language ? accept_language : "";
    while (*at) {
        at += strspn(at, ", \t");
        size_t length = strcspn(at, ",;"), range_length = length;
        while (range_length > 0 && strchr(" \t", at[range_length - 1])) range_length--;
        const char *range = at;
        int weight = 1000;
        at += length;
        if (*at == ';') {
            at += 1 + strspn(at + 1, " \t");
            size_t weight_length = strcspn(at, ", \t");
            weight = read_weight(at, weight_length);
            at += strcspn(at, ",");
        }
        if (weight <= best) continue;
        if (range_is(range, range_length, "nl") || range_is(range, range_length, "*")) {
            chosen = LANGUAGE_NL;
            best = weight;
        } else if (range_is(range, range_length, "en")) {
            chosen = LANGUAGE_EN;
            best = weight;
        }
    }
    return chosen;
}
