/* How a partner, or the organisation, is shown to customers: name, address, licence, logo and
 * colours. */
#ifndef KOPPEL_DOMAIN_BRAND_H
#define KOPPEL_DOMAIN_BRAND_H

#include "db/db.h"
#include "print/colour.h"
#include "print/print.h"
#include "quote-engine/value.h"

/* Text on white needs the first, a rule or a mark the second (WCAG 2.1, 1.4.3 and 1.4.11). */
#define BRAND_TEXT_CONTRAST 4.5
#define BRAND_MARK_CONTRAST 3.0

enum {
    BRAND_NAME_MAX = 100, /* characters */
    BRAND_LINES_MAX = 4,
    BRAND_LINE_MAX = 80,
    BRAND_WEBSITE_MAX = 200,
    BRAND_TELEPHONE_MAX = 20,
    BRAND_COLOUR_DEFAULT = 0x1f4e79
};

/* Texts are in the scratch they were read to, or borrowed; those that are not there are NULL. */
struct brand {
    int64_t revision; /* 0: none was kept, and this follows from the partner's own row */
    const char *display_name; /* NULL: nothing is known */
    const char *address_lines[BRAND_LINES_MAX];
    int line_count;
    const char *telephone, *website, *licence_number;
    uint32_t colour, accent_colour;
    const void *logo; /* PNG, or NULL */
    size_t logo_length;
    int64_t changed_us;
};

/* The brand of a partner in scope; NULL: the organisation's own. ERROR_TOO_LARGE when scratch is
 * used up. */
int brand_read(struct db_tx *tx, const char *partner_id, struct scratch *scratch,
               struct error *error, struct brand *ret_brand);
/* Keeps it as `brand->revision`, for a body of db_write: ERROR_CONFLICT when what is kept is not
 * the revision before. */
int brand_write(struct db_tx *tx, const char *partner_id, const struct brand *brand,
                struct error *error);
/* As a letterhead; texts that are made are in scratch. False: scratch is used up. */
bool brand_letterhead(const struct brand *brand, enum language language, struct scratch *scratch,
                      struct print_sender *ret_sender);

#endif
