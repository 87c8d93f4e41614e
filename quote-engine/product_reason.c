/* The texts of a product's reasons, found by code: a quote keeps codes only. */
#include <string.h>

#include "product_inside.h"

const struct text *product_reason_text(const struct product *product, const char *code) {
    for (int at = 0; at < product->reason_count; at++)
        if (strcmp(product->reasons[at].code, code) == 0) return &product->reasons[at].text;
    return NULL;
}
