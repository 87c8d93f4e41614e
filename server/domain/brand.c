/* Rows of brands, and what stands in for one that was never made. */
#include "domain/brand.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define ORGANISATION "organisation"

enum { LINES_TEXT_MAX = BRAND_LINES_MAX * (4 * BRAND_LINE_MAX + 1) };

struct reading {
    struct db_rows *rows;
    struct scratch *scratch;
    bool failed;
};

static const void *bytes_copy(struct reading *reading, const void *bytes, size_t length) {
    char *copied = bytes ? scratch_take(reading->scratch, length + 1) : NULL;
    if (!bytes) return NULL;
    if (!copied) {
        reading->failed = true;
        return NULL;
    }
    memcpy(copied, bytes, length);
    copied[length] = '\0';
    return copied;
}

/* A text that is there; NULL for none and for an empty one. */
static const char *text_copy(struct reading *reading, int column) {
    size_t length = 0;
    const char *text = db_column_text(reading->rows, column, &length);
    return length ? bytes_copy(reading, text, length) : NULL;
}

static void lines_read(struct reading *reading, int column, struct brand *brand) {
    char *at = (char *)text_copy(reading, column); /* a copy in scratch, of its own */
    while (at && *at && brand->line_count < BRAND_LINES_MAX) {
        brand->address_lines[brand->line_count++] = at;
        at = strchr(at, '\n');
        if (at) *at++ = '\0';
    }
}

static uint32_t colour_of(struct reading *reading, int column) {
    size_t length = 0;
    uint32_t colour = BRAND_COLOUR_DEFAULT;
    const char *text = db_column_text(reading->rows, column, &length);
    if (text) (void)colour_read(text, length, &colour);
    return colour;
}

static void row_read(struct reading *reading, struct brand *brand) {
    size_t length = 0;
    brand->revision = db_column_integer(reading->rows, 0);
    brand->display_name = text_copy(reading, 1);
    lines_read(reading, 2, brand);
    brand->telephone = text_copy(reading, 3);
    brand->website = text_copy(reading, 4);
    brand->licence_number = text_copy(reading, 5);
    brand->colour = colour_of(reading, 6);
    brand->accent_colour = colour_of(reading, 7);
    const void *logo = db_column_blob(reading->rows, 8, &length);
    brand->logo = length ? bytes_copy(reading, logo, length) : NULL;
    brand->logo_length = length;
    brand->changed_us = db_column_integer(reading->rows, 9);
}

static void partner_row_read(struct reading *reading, struct brand *brand) {
    const char *street = text_copy(reading, 1), *postcode = text_copy(reading, 2);
    const char *city = text_copy(reading, 3);
    brand->display_name = text_copy(reading, 0);
    if (street) brand->address_lines[brand->line_count++] = street;
    if (postcode || city) {
        size_t size = (postcode ? strlen(postcode) : 0) + (city ? strlen(city) : 0) + 3;
        char *line = scratch_take(reading->scratch, size);
        reading->failed |= !line;
        if (line) {
            snprintf(line, size, "%s%s%s", postcode ? postcode : "",
                     postcode && city ? "  " : "", city ? city : "");
            brand->address_lines[brand->line_count++] = line;
        }
    }
    brand->telephone = text_copy(reading, 4);
    brand->website = text_copy(reading, 5);
    brand->licence_number = text_copy(reading, 6);
}

/* 1: a row was read. */
static int row_next(struct reading *reading, struct error *error, struct brand *brand,
                    void (*take)(struct reading *reading, struct brand *brand)) {
    int status = db_next(reading->rows, error);
    if (status > 0) take(reading, brand);
    db_rows_close(reading->rows);
    if (reading->failed)
        return error_set(error, ERROR_TOO_LARGE, "a brand needs more scratch memory");
    return status;
}

static int kept_read(struct db_tx *tx, const char *partner_id, struct reading *reading,
                     struct error *error, struct brand *brand) {
    int status;
    if (partner_id)
        status = db_query(tx, error, &reading->rows,
                          "select b.revision, b.display_name, b.address_lines, b.telephone,"
                          " b.website, b.licence_number, b.colour, b.accent_colour, b.logo,"
                          " b.changed_us from brand b where b.owner = $1 and $scope(b)",
                          db_text(partner_id));
    else
        /* no wall: the organisation's own name and colours are on every document */
        status = db_query(tx, error, &reading->rows,
                          "select b.revision, b.display_name, b.address_lines, b.telephone,"
                          " b.website, b.licence_number, b.colour, b.accent_colour, b.logo,"
                          " b.changed_us from brand b where b.owner = '" ORGANISATION "'");
    return status ? status : row_next(reading, error, brand, row_read);
}

int brand_read(struct db_tx *tx, const char *partner_id, struct scratch *scratch,
               struct error *error, struct brand *ret_brand) {
    struct reading reading = {.scratch = scratch};
    struct brand brand = {.colour = BRAND_COLOUR_DEFAULT,
                          .accent_colour = BRAND_COLOUR_DEFAULT};
    int status = kept_read(tx, partner_id, &reading, error, &brand);
    if (!status && partner_id) {
        status = db_query(tx, error, &reading.rows,
                          "select name, street, postcode, city, telephone, website,"
                          " licence_number from partner where id = $1",
                          db_text(partner_id));
        if (!status) status = row_next(&reading, error, &brand, partner_row_read);
    }
    if (status < 0) return status;
    *ret_brand = brand;
    return 0;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void lines_write(const struct brand *brand, char ret_text[LINES_TEXT_MAX]) {
    size_t length = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < brand->line_count; i++) {
        int more = snprintf(ret_text + length, LINES_TEXT_MAX - length, "%s%s", i ? "\n" : "",
                            brand->address_lines[i]);
        if (more > 0 && (size_t)more < LINES_TEXT_MAX - length) length += (size_t)more;
    }
}

static struct db_value logo_value(const struct brand *brand) {
    return brand->logo ? db_blob(brand->logo, brand->logo_length) : db_null();
}

int brand_write(struct db_tx *tx, const char *partner_id, const struct brand *brand,
                struct error *error) {
    char lines[LINES_TEXT_MAX], colour[COLOUR_TEXT_MAX], accent[COLOUR_TEXT_MAX];
    const char *owner = partner_id ? partner_id : ORGANISATION;
    int64_t changed = 0;
    lines_write(brand, lines);
    colour_write(brand->colour, colour);
    colour_write(brand->accent_colour, accent);
    if (brand->revision == 1)
        return db_run(tx, error, &changed,
                      "insert into brand (owner, partner_id, revision, display_name,"
                      " address_lines, telephone, website, licence_number, colour, accent_colour,"
                      " logo, changed_us) values ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                      db_text(owner), db_text(partner_id), db_text(brand->display_name),
                      db_text(lines), db_text(brand->telephone), db_text(brand->website),
                      db_text(brand->licence_number), db_text(colour), db_text(accent),
                      logo_value(brand), db_integer(brand->changed_us));
    /* no wall: whose it is says its owner, who is the caller */
    int status = db_run(tx, error, &changed,
                        "update brand set revision = $2, display_name = $3, address_lines = $4,"
                        " telephone = $5, website = $6, licence_number = $7, colour = $8,"
                        " accent_colour = $9, logo = $10, changed_us = $11"
                        " where owner = $1 and revision = $12",
                        db_text(owner), db_integer(brand->revision),
                        db_text(brand->display_name), db_text(lines), db_text(brand->telephone),
                        db_text(brand->website), db_text(brand->licence_number), db_text(colour),
                        db_text(accent), logo_value(brand), db_integer(brand->changed_us),
                        db_integer(brand->revision - 1));
    if (status || changed) return status;
    return error_set(error, ERROR_CONFLICT, "the brand of %s was changed meanwhile", owner);
}

/* ---- as a letterhead ------------------------------------------------------------------------- */

bool brand_letterhead(const struct brand *brand, enum language language, struct scratch *scratch,
                      struct print_sender *ret_sender) {
    struct print_sender sender = {.name = brand->display_name ? brand->display_name : "",
                                  .colour = brand->colour,
                                  .accent = brand->accent_colour,
                                  .logo = brand->logo,
                                  .logo_length = brand->logo_length};
    for (int i = 0; i < brand->line_count; i++)
        sender.lines[sender.line_count++] = brand->address_lines[i];
    if (brand->telephone) sender.lines[sender.line_count++] = brand->telephone;
    if (brand->website) {
        const char *at = strstr(brand->website, "://");
        sender.lines[sender.line_count++] = at ? at + 3 : brand->website;
    }
    if (brand->licence_number) {
        size_t size = strlen(brand->licence_number) + 32;
        char *line = scratch_take(scratch, size);
        if (!line) return false;
        snprintf(line, size, "%s\u00a0%s",
                 language == LANGUAGE_EN ? "AFM licence" : "AFM-vergunning",
                 brand->licence_number);
        sender.lines[sender.line_count++] = line;
    }
    *ret_sender = sender;
    return true;
}
