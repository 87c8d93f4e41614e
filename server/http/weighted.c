/* RFC 9110, 12.4.2: a weight is q=0 to q=1 with at most three decimals. */
#include "weighted.h"

#include <string.h>

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

bool weighted_next(const char **at, struct weighted *ret_item) {
    const char *here = *at + strspn(*at, ", \t");
    if (!*here) return false;
    struct weighted item = {.name = here, .length = strcspn(here, ",;"), .weight = 1000};
    here += item.length;
    while (item.length > 0 && strchr(" \t", item.name[item.length - 1])) item.length--;
    if (*here == ';') {
        here += 1 + strspn(here + 1, " \t");
        item.weight = read_weight(here, strcspn(here, ", \t"));
        here += strcspn(here, ",");
    }
    *at = here;
    *ret_item = item;
    return true;
}
