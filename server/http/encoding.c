/* Accept-Encoding by RFC 9110, 12.5.3. */
#include "encoding.h"

#include <string.h>
#include <strings.h>

#include "weighted.h"

static const char *const names[ENCODING_COUNT] = {NULL, "gzip", "br"};

const char *encoding_name(enum encoding encoding) {
    return names[encoding];
}

static int encoding_read(const struct weighted *item) {
    for (int i = ENCODING_GZIP; i < ENCODING_COUNT; i++)
        if (strlen(names[i]) == item->length && !strncasecmp(names[i], item->name, item->length))
            return i;
    if (item->length == 8 && !strncasecmp(item->name, "identity", 8)) return ENCODING_PLAIN;
    if (item->length == 6 && !strncasecmp(item->name, "x-gzip", 6)) return ENCODING_GZIP;
    return item->length == 1 && *item->name == '*' ? ENCODING_COUNT : -1;
}

enum encoding encoding_choose(const char *accept_encoding) {
    int weights[ENCODING_COUNT] = {0, -1, -1}, others = 0;
    const char *at = accept_encoding ? accept_encoding : "";
    struct weighted item;
    while (weighted_next(&at, &item)) {
        int encoding = encoding_read(&item), weight = item.weight < 0 ? 0 : item.weight;
        if (encoding == ENCODING_COUNT) others = weight;
        else if (encoding >= 0) weights[encoding] = weight;
    }
    enum encoding best = ENCODING_PLAIN;
    for (int i = ENCODING_GZIP; i < ENCODING_COUNT; i++) {
        if (weights[i] < 0) weights[i] = others;
        if (weights[i] > 0 && weights[i] >= weights[best]) best = (enum encoding)i;
    }
    return best;
}
