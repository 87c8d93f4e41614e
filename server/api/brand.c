/* How a partner is shown to customers, on quotes and policies: its system reads and sets that
 * partner's brand; with a key of the organisation it is the organisation's own. The logo is decoded
 * and scaled before the write, and what is kept is what Cairo wrote. */
#include <stdio.h>
#include <string.h>

#include "domain/brand.h"
#include "message/record.h"
#include "operation/operation.h"
#include "print/logo.h"

/* ---- fields ---------------------------------------------------------------------------------- */
static const struct field line_item[] = {
    {.name = "line", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = BRAND_LINE_MAX, .label = {"regel", "line"}}};

#define BRAND_FIELDS(nullable_)                                                                   \
    {.name = "address_lines", .type = FIELD_LIST, .fields = line_item, .field_count = 1,          \
     .length_maximum = BRAND_LINES_MAX, .label = {"adresregels", "address lines"},                \
     .help = {"Zoals op een envelop.", "As on an envelope."},                                     \
     .example = "[\"Oudegracht 902\",\"3511 ZX  Utrecht\"]"},                                     \
    {.name = "telephone", .type = FIELD_TEXT, .nullable = nullable_,                              \
     .pattern = "[+]?[0-9][0-9 \\-]{5,18}", .length_maximum = BRAND_TELEPHONE_MAX,                \
     .label = {"telefoonnummer", "telephone number"}, .example = "\"+31 30 1234567\""},           \
    {.name = "website", .type = FIELD_TEXT, .nullable = nullable_,                                \
     .pattern = "https://[a-z0-9.\\-]+(:[0-9]+)?(/[A-Za-z0-9._~%/\\-]*)?",                        \
     .length_maximum = BRAND_WEBSITE_MAX, .label = {"website", "website"},                        \
     .help = {"Een adres dat met https:// begint.", "An address that begins with https://."},     \
     .example = "\"https://www.veldkamp-utrecht.example\""},                                      \
    {.name = "licence_number", .type = FIELD_TEXT, .nullable = nullable_, .pattern = "[0-9]{8}",  \
     .label = {"vergunningnummer van de AFM", "licence number of the AFM"},                       \
     .help = {"Acht cijfers.", "Eight digits."}, .example = "\"00900202\""}

static const struct field output[] = {
    {.name = "revision", .type = FIELD_INTEGER, .required = true,
     .label = {"volgnummer van de wijziging", "revision"},
     .help = {"0: er is nog niets ingesteld; dan gelden de gegevens van uw kantoor.",
              "0: nothing was set yet; what is known of your office holds."}},
    {.name = "display_name", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"naam voor klanten", "name for customers"}},
    BRAND_FIELDS(true),
    {.name = "colour", .type = FIELD_TEXT, .required = true,
     .label = {"kleur van koppen", "colour of headings"}},
    {.name = "accent_colour", .type = FIELD_TEXT, .required = true,
     .label = {"kleur van lijnen", "colour of rules"}},
    {.name = "logo", .type = FIELD_BINARY, .required = true, .nullable = true,
     .length_maximum = LOGO_KEPT_BYTES_MAX, .label = {"logo", "logo"},
     .help = {"Een PNG, zoals het wordt afgedrukt.", "A PNG, as it is printed."}},
    {.name = "changed_at", .type = FIELD_TEXT, .required = true, .nullable = true,
     .format = "date-time", .label = {"laatst gewijzigd op", "last changed at"}}};

static const struct field input[] = {
    {.name = "display_name", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = BRAND_NAME_MAX, .label = {"naam voor klanten", "name for customers"},
     .example = "\"Veldkamp Assurantiën Utrecht\""},
    BRAND_FIELDS(false),
    {.name = "colour", .type = FIELD_TEXT, .required = true, .pattern = "#[0-9A-Fa-f]{6}",
     .label = {"kleur van koppen", "colour of headings"},
     .help = {"Als #rrggbb; moet op wit goed te lezen zijn.",
              "As #rrggbb; must be legible on white."},
     .example = "\"#1f4e79\""},
    {.name = "accent_colour", .type = FIELD_TEXT, .pattern = "#[0-9A-Fa-f]{6}",
     .label = {"kleur van lijnen", "colour of rules"},
     .help = {"Als #rrggbb; moet op wit te zien zijn. Anders de kleur van koppen.",
              "As #rrggbb; must be visible on white. Else the colour of headings."}},
    {.name = "logo", .type = FIELD_BINARY, .length_minimum = 1, .length_maximum = LOGO_BYTES_MAX,
     .label = {"logo", "logo"},
     .help = {"Een PNG van ten hoogste 128 KB en 2.000 pixels breed of hoog. Zonder dit veld is er "
              "geen logo.",
              "A PNG of at most 128 KB and 2,000 pixels wide or high. Without this there is no "
              "logo."}}};

/* ---- reading --------------------------------------------------------------------------------- */
static const char *owner_of(const struct call *call) {
    return *call->caller.partner_id ? call->caller.partner_id : NULL;
}

static int no_scratch(struct call *call) {
    return error_set(&call->error, ERROR_TOO_LARGE, "a brand needs more scratch memory");
}

static void colour_set(struct record *record, const char *name, uint32_t colour) {
    char text[COLOUR_TEXT_MAX];
    colour_write(colour, text);
    record_copy_text(record, name, text, strlen(text));
}

static int output_set(struct call *call, const struct brand *brand) {
    struct record record;
    struct list lines;
    list_init(&lines, call->scratch);
    for (int i = 0; i < brand->line_count; i++)
        list_add(&lines, value_text(brand->address_lines[i], strlen(brand->address_lines[i])));
    record_init(&record, call->scratch);
    record_set_integer(&record, "revision", brand->revision);
    record_set_text(&record, "display_name", brand->display_name);
    record_set(&record, "address_lines", list_value(&lines));
    record_set_text(&record, "telephone", brand->telephone);
    record_set_text(&record, "website", brand->website);
    record_set_text(&record, "licence_number", brand->licence_number);
    colour_set(&record, "colour", brand->colour);
    colour_set(&record, "accent_colour", brand->accent_colour);
    record_set(&record, "logo",
               brand->logo ? value_text(brand->logo, brand->logo_length) : value_null());
    if (brand->changed_us) record_set_instant(&record, "changed_at", brand->changed_us);
    else record_set(&record, "changed_at", value_null());
    if (lines.failed || record.failed) return no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

struct brand_reading {
    const char *partner_id;
    struct scratch *scratch;
    struct brand brand;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct brand_reading *reading = context;
    return brand_read(tx, reading->partner_id, reading->scratch, error, &reading->brand);
}

static int kept_read(struct call *call, struct brand *ret_brand) {
    struct brand_reading reading = {.partner_id = owner_of(call), .scratch = call->scratch};
    int status = call_read(call, read_body, &reading);
    if (!status) *ret_brand = reading.brand;
    return status;
}

static int get_brand(struct call *call) {
    struct brand brand;
    int status = kept_read(call, &brand);
    return status ? status : output_set(call, &brand);
}

/* ---- what is wrong with one ------------------------------------------------------------------ */
static void colour_check(struct call *call, const char *name, double contrast,
                         uint32_t *ret_colour) {
    const struct value *text = record_get(&call->input, name);
    char pointer[FIELD_POINTER_MAX], proposed[COLOUR_TEXT_MAX];
    uint32_t colour;
    if (!text || !colour_read(text->text, text->length, &colour)) return;
    *ret_colour = colour;
    double has = colour_contrast(colour);
    if (has >= contrast) return;
    snprintf(pointer, sizeof pointer, "/%s", name);
    colour_write(colour_darken(colour, contrast), proposed);
    field_fault_add(&call->faults, pointer, "too_little_contrast",
                    call->language == LANGUAGE_EN
                        ? "This colour is too light on white: its contrast is %.1f, and must be "
                          "%.1f. Take %s for example."
                        : "Deze kleur is te licht op wit: het contrast is %.1f, en moet %.1f zijn. "
                          "Neem bijvoorbeeld %s.",
                    has, contrast, proposed);
}

static void logo_refuse(struct call *call, enum logo_fault fault) {
    static const struct text texts[] = {
        [LOGO_NOT_PNG] = {"Dit is geen PNG: sla het logo op als PNG.",
                          "This is no PNG: save the logo as one."},
        [LOGO_TOO_LARGE] = {"Dit logo is te groot: ten hoogste 128 KB.",
                            "This logo is too large: at most 128 KB."},
        [LOGO_TOO_MANY_PIXELS] = {"Dit logo heeft te veel pixels: ten hoogste 2.000 breed en hoog, "
                                  "en 2 miljoen in totaal.",
                                  "This logo has too many pixels: at most 2,000 wide and high, "
                                  "and 2 million in all."},
        [LOGO_DAMAGED] = {"Deze PNG is beschadigd: sla het logo opnieuw op.",
                          "This PNG is damaged: save the logo again."},
        [LOGO_ANIMATED] = {"Dit logo beweegt: sla één beeld op als PNG.",
                           "This logo moves: save one frame as a PNG."}};
    field_fault_add(&call->faults, "/logo", "wrong_picture", "%s",
                    text_in(&texts[fault], call->language));
}

/* The logo as it is kept, in `ret_png`; faults are the call's. */
static int logo_check_input(struct call *call, struct buffer *ret_png) {
    const struct value *given = record_get(&call->input, "logo");
    enum logo_fault fault = LOGO_SOUND;
    if (!given) return 0;
    int status = logo_make(given->text, given->length, &call->error, &fault, ret_png);
    if (status != ERROR_INVALID) return status;
    logo_refuse(call, fault);
    return 0;
}

static void input_read(struct call *call, struct brand *brand) {
    const struct value *given = &call->input, *lines = record_get(given, "address_lines");
    struct scratch *scratch = call->scratch;
    brand->display_name = record_get_text(given, "display_name", scratch);
    brand->telephone = record_get_text(given, "telephone", scratch);
    brand->website = record_get_text(given, "website", scratch);
    brand->licence_number = record_get_text(given, "licence_number", scratch);
    for (uint32_t i = 0; lines && i < lines->length && i < BRAND_LINES_MAX; i++) {
        const struct value *line = &lines->items[i];
        char *copied = scratch_take(scratch, line->length + 1);
        if (!copied) return;
        memcpy(copied, line->text, line->length);
        copied[line->length] = '\0';
        brand->address_lines[brand->line_count++] = copied;
    }
}

/* ---- changing it ----------------------------------------------------------------------------- */
struct brand_writing {
    const char *partner_id;
    struct brand brand;
};

static int write_body(struct db_tx *tx, void *context, struct error *error) {
    const struct brand_writing *writing = context;
    return brand_write(tx, writing->partner_id, &writing->brand, error);
}

static int brand_keep(struct call *call, struct brand_writing *writing) {
    int status = output_set(call, &writing->brand);
    if (status) return status;
    status = call_write(call, writing->partner_id ? writing->partner_id : "organisation",
                        write_body, writing);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

static int put_brand(struct call *call) {
    struct brand kept;
    struct buffer png;
    struct brand_writing writing = {.partner_id = owner_of(call)};
    struct brand *brand = &writing.brand;
    if (call->caller.test)
        return call_refuse(call, 403, "live_key_required",
                           "Dit verandert wat klanten zien: gebruik een sleutel voor echt gebruik.",
                           "This changes what customers see: use a live key.");
    int status = kept_read(call, &kept);
    if (!status) status = call_check_revision(call, kept.revision);
    if (status) return status;
    input_read(call, brand);
    brand->revision = kept.revision + 1;
    brand->changed_us = call->now_us;
    colour_check(call, "colour", BRAND_TEXT_CONTRAST, &brand->colour);
    brand->accent_colour = brand->colour;
    colour_check(call, "accent_colour", BRAND_MARK_CONTRAST, &brand->accent_colour);
    buffer_init(&png, LOGO_KEPT_BYTES_MAX);
    status = logo_check_input(call, &png);
    brand->logo = png.data;
    brand->logo_length = png.length;
    if (!status && call->faults.count) status = ERROR_INVALID;
    if (!status && !brand->display_name) status = no_scratch(call);
    if (!status) {
        /* The answer outlives the buffer. */
        char *copied = png.length ? scratch_take(call->scratch, png.length) : NULL;
        if (copied) memcpy(copied, png.data, png.length);
        if (png.length && !copied) status = no_scratch(call);
        brand->logo = copied;
    }
    buffer_done(&png);
    return status ? status : brand_keep(call, &writing);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const refusals[] = {"live_key_required", "precondition_required",
                                       "precondition_failed", NULL};

static const struct operation operations[] = {
    {.name = "GetBrand",
     .method = "GET",
     .path = "/brand",
     .summary = {"Hoe klanten u zien: naam, adres, logo en kleuren",
                 "How customers see you: name, address, logo and colours"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .output = output,
     .output_count = sizeof output / sizeof *output,
     .status = 200,
     .revised = true,
     .rate = RATE_READ,
     .run = get_brand},
    {.name = "PutBrand",
     .method = "PUT",
     .path = "/brand",
     .summary = {"Stel in hoe klanten u zien", "Set how customers see you"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLE_PARTNER_ADMINISTRATOR | ROLE_ADMINISTRATOR | ROLE_MARKETER,
     .input = input,
     .input_count = sizeof input / sizeof *input,
     .output = output,
     .output_count = sizeof output / sizeof *output,
     .status = 200,
     .audited = true,
     .revised = true,
     .if_match = true,
     .rate = RATE_READ,
     .refusals = refusals,
     .run = put_brand}};

extern const struct operation_group api_brand;
const struct operation_group api_brand = {
    .name = "brand", .operations = operations, .count = sizeof operations / sizeof *operations};
