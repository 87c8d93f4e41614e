/* Who may sell a product, and what it may earn them: <sell> to a struct. Sources of the rules:
 * product.h. Whether a partner has what it takes is not known here. */
#include <string.h>

#include "product_inside.h"

static const char *const laws[PRODUCT_LAWS] = {
    [PRODUCT_NON_LIFE] = "non_life",     [PRODUCT_PAYMENT_PROTECTION] = "payment_protection",
    [PRODUCT_COMPLEX] = "complex",       [PRODUCT_MORTGAGE] = "mortgage",
    [PRODUCT_DISABILITY] = "disability", [PRODUCT_TERM_LIFE] = "term_life",
    [PRODUCT_FUNERAL] = "funeral",       [PRODUCT_PENSION_CLAIM] = "pension_claim",
    [PRODUCT_UNREGULATED] = "unregulated"};

const char *product_law_code(enum product_law law) { return laws[law]; }

bool product_law_bans_commission(enum product_law law) {
    return law != PRODUCT_NON_LIFE && law != PRODUCT_UNREGULATED;
}

/* The schema accepted it when it was published. */
static enum product_law law_read(const char *text) {
    for (int law = 0; law < PRODUCT_LAWS; law++)
        if (strcmp(laws[law], text) == 0) return (enum product_law)law;
    return PRODUCT_NON_LIFE;
}

static void commission_check(struct product_reader *reader, const struct xml_element *sell) {
    const struct product *product = reader->product;
    for (int i = 0; i < product->info.cover_count; i++) {
        const struct product_cover *cover = &product->info.covers[i];
        if (decimal_compare(cover->commission_percent, decimal_from_int64(0)) == 0) continue;
        product_fail(reader, sell->line, "sell",
                     "cover %s pays commission, and none may be paid for %s products (article 86c "
                     "of the Besluit Gedragstoezicht financiële ondernemingen Wft): leave it out",
                     cover->code, laws[product->info.sell.law]);
    }
}

void product_sell_read(struct product_reader *reader, const struct xml_element *sell) {
    struct product_sell *read = &reader->product->info.sell;
    if (!sell) return;
    read->law = law_read(product_attribute(sell, "law", laws[PRODUCT_NON_LIFE]));
    read->licence = xml_attribute(sell, "licence");
    read->diploma = xml_attribute(sell, "diploma");
    if (reader->proving && product_law_bans_commission(read->law)) commission_check(reader, sell);
}
