/* Brands of the demo data: logos drawn here, in colours made at random, for each partner that
 * demo.json lists, and one for the organisation, an insurer that does not exist. */
#include <stdlib.h>

#include "base/random.h"
#include "cli/demo.h"
#include "domain/brand.h"
#include "domain/service.h"
#include "print/logo.h"

enum { BRANDS = DEMO_PARTNERS + 1, ORGANISATION = DEMO_PARTNERS };

struct brands {
    const struct demo_partner *partners;
    struct buffer logos[BRANDS];
    uint32_t colours[BRANDS], accents[BRANDS];
    int64_t now_us;
    char memory[64 * 1024];
};

static int brands_body(struct db_tx *tx, void *context, struct error *error) {
    struct brands *brands = context;
    struct scratch scratch;
    int status = 0;
    scratch_init(&scratch, brands->memory, sizeof brands->memory);
    for (int i = 0; !status && i < BRANDS; i++) {
        const char *owner = i == ORGANISATION ? NULL : brands->partners[i].id;
        struct brand brand = {.display_name = "Waterlicht Verzekeringen N.V.",
                              .address_lines = {"Zonnekade 907", "2511 ZX  Den Haag"},
                              .line_count = 2,
                              .website = "https://www.waterlicht.example",
                              .licence_number = "00900207"};
        if (owner) status = brand_read(tx, owner, &scratch, error, &brand);
        brand.revision = 1;
        brand.colour = brands->colours[i];
        brand.accent_colour = brands->accents[i];
        brand.logo = brands->logos[i].data;
        brand.logo_length = brands->logos[i].length;
        brand.changed_us = brands->now_us;
        if (!status) status = brand_write(tx, owner, &brand, error);
    }
    return status;
}

static uint32_t colour_random(double contrast) {
    unsigned char parts[3];
    random_bytes(parts, sizeof parts);
    return colour_darken((uint32_t)parts[0] << 16 | (uint32_t)parts[1] << 8 | parts[2], contrast);
}

int demo_brands_make(struct db *db, const struct demo_partner partners[DEMO_PARTNERS],
                     int64_t now_us, struct error *error) {
    struct brands *brands = calloc(1, sizeof *brands);
    int status = 0;
    if (!brands) return error_set(error, ERROR_NO_MEMORY, "no memory for brands");
    brands->partners = partners;
    brands->now_us = now_us;
    for (int i = 0; i < BRANDS; i++) {
        buffer_init(&brands->logos[i], LOGO_KEPT_BYTES_MAX);
        brands->colours[i] = colour_random(BRAND_TEXT_CONTRAST);
        brands->accents[i] = colour_random(BRAND_MARK_CONTRAST);
        if (!status)
            status = logo_draw(brands->colours[i], brands->accents[i], error, &brands->logos[i]);
    }
    if (!status) status = db_write(db, &db_scope_all, brands_body, brands, error);
    for (int i = 0; i < BRANDS; i++) buffer_done(&brands->logos[i]);
    free(brands);
    return status;
}
