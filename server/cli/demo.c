/* Partners, agreements, keys and products of the demo data. All firms are invented; their websites
 * and addresses lie under .example, which belongs to nobody. The fifth firm has no key and is not
 * in demo.json: its agreement has ended, and the third sells car insurance alone, so that both
 * refusals can be seen. */
#include "cli/demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "domain/agreement.h"
#include "domain/calendar_day.h"
#include "domain/draft_activate.h"
#include "domain/embedded.h"
#include "domain/partner.h"
#include "domain/product_folder.h"
#include "message/json.h"

enum {
    HISTORY_DAYS = 60,   /* products and agreements of the demo are this old */
    DEMO_CHAIN = 0,      /* in firms: the head of the chain, without keys of its own */
    DEMO_FIRST = 1,      /* the first that demo.json lists */
    DEMO_ENDED = DEMO_FIRMS - 1,
    DEMO_JSON_MAX_BYTES = 64 * 1024
};

static const struct firm {
    struct partner partner; /* parent_id is set to the chain's id where `in_chain` */
    bool in_chain;
    bool every_product; /* its agreement names none: new products are its to sell at once */
    const char *only;   /* the one product that it may sell; NULL: each that ships, or
                         as every_product says */
} firms[DEMO_FIRMS] = {
    {{.kind = "chain", .name = "Veldkamp Groep", .legal_name = "Veldkamp Groep B.V.",
      .trade_register_number = "00900101", .licence_number = "00900201",
      .street = "Maliesingel 901", .postcode = "3581 ZX", .city = "Utrecht",
      .website = "https://www.veldkampgroep.example", .email = "info@veldkampgroep.example"},
     false, false, NULL},
    {{.kind = "office", .name = "Veldkamp Assurantiën Utrecht",
      .legal_name = "Veldkamp Assurantiën B.V.", .trade_register_number = "00900102",
      .licence_number = "00900202", .street = "Oudegracht 902", .postcode = "3511 ZX",
      .city = "Utrecht", .website = "https://www.veldkamp-utrecht.example",
      .email = "advies@veldkamp-utrecht.example"},
     true, false, NULL},
    {{.kind = "office", .name = "Veldkamp Verzekeringen Amersfoort",
      .legal_name = "Veldkamp Verzekeringen B.V.", .trade_register_number = "00900103",
      .licence_number = "00900203", .street = "Langestraat 903", .postcode = "3811 ZX",
      .city = "Amersfoort", .website = "https://www.veldkamp-amersfoort.example",
      .email = "advies@veldkamp-amersfoort.example"},
     true, true, NULL},
    {{.kind = "office", .name = "De Lindeboom Financieel Advies",
      .legal_name = "De Lindeboom Financieel Advies V.O.F.",
      .trade_register_number = "00900104", .licence_number = "00900204",
      .street = "Herestraat 904", .postcode = "9711 ZX", .city = "Groningen",
      .website = "https://www.lindeboom-advies.example",
      .email = "info@lindeboom-advies.example"},
     false, false, "auto"},
    {{.kind = "office", .name = "Havenzicht Verzekeringen",
      .legal_name = "Havenzicht Assurantiekantoor B.V.", .trade_register_number = "00900105",
      .licence_number = "00900205", .street = "Boompjes 905", .postcode = "3011 ZX",
      .city = "Rotterdam", .website = "https://www.havenzicht.example",
      .email = "kantoor@havenzicht.example"},
     false, true, NULL},
    {{.kind = "office", .name = "Brinkhorst & Zoon Assurantiën",
      .legal_name = "Brinkhorst & Zoon", .trade_register_number = "00900106",
      .licence_number = "00900206", .street = "Brink 906", .postcode = "7411 ZX",
      .city = "Deventer", .website = "https://www.brinkhorst.example",
      .email = "info@brinkhorst.example"},
     false, true, NULL}};

/* ---- partners and agreements ---------------------------------------------------------------- */
struct demo_rows {
    char partner_ids[DEMO_FIRMS][ID_MAX];
    char from_date[CLOCK_DATE_MAX], ended_on[CLOCK_DATE_MAX];
    char review_dates[DEMO_FIRMS][CLOCK_DATE_MAX]; /* "": none */
    int64_t created_us;
};

/* The name of the i-th embedded file's product when it is that product's first file; else NULL. */
static const char *product_at(int i) {
    const char *folder = embedded_files[i].folder;
    bool first = i == 0 || strcmp(embedded_files[i - 1].folder, folder) != 0;
    return *folder && first ? folder : NULL;
}

static int agreements_make(struct db_tx *tx, const struct demo_rows *rows, int firm,
                           struct error *error) {
    struct agreement agreement = {.partner_id = rows->partner_ids[firm],
                                  .from_date = rows->from_date,
                                  .to_date = firm == DEMO_ENDED ? rows->ended_on : NULL};
    int status = 0;
    for (int i = 0; !status && i < embedded_file_count; i++) {
        char id[ID_MAX];
        agreement.product = firms[firm].every_product ? NULL : product_at(i);
        if (!agreement.product && !firms[firm].every_product) continue;
        if (firms[firm].only && strcmp(firms[firm].only, agreement.product) != 0) continue;
        id_make("agr", id);
        status = agreement_create(tx, id, &agreement, rows->created_us, error);
        if (firms[firm].every_product) break;
    }
    return status;
}

static int rows_body(struct db_tx *tx, void *context, struct error *error) {
    const struct demo_rows *rows = context;
    int status = 0;
    for (int i = 0; !status && i < DEMO_FIRMS; i++) {
        struct partner partner = firms[i].partner;
        demo_partner_details(i, &partner);
        partner.next_review_date = *rows->review_dates[i] ? rows->review_dates[i] : NULL;
        if (firms[i].in_chain) partner.parent_id = rows->partner_ids[DEMO_CHAIN];
        status = partner_create(tx, rows->partner_ids[i], &partner, rows->created_us, error);
        if (!status)
            status = demo_partner_fill(tx, i, rows->partner_ids[i], rows->created_us, error);
        if (!status && i != DEMO_CHAIN) status = agreements_make(tx, rows, i, error);
    }
    return status;
}

static int partners_make(struct db *db, int64_t now_us, struct error *error,
                         struct demo_partner partners[DEMO_PARTNERS]) {
    struct demo_rows rows = {.created_us = now_us};
    struct value_date today = day_at(now_us);
    struct value_date from = day_add(&today, -HISTORY_DAYS), ended = day_add(&today, -14);
    day_write(&from, rows.from_date);
    day_write(&ended, rows.ended_on);
    for (int i = 0; i < DEMO_FIRMS; i++) {
        struct value_date review = day_add(&today, demo_partner_review_days(i));
        if (demo_partner_review_days(i)) day_write(&review, rows.review_dates[i]);
        id_make("ptr", rows.partner_ids[i]);
    }
    int status = db_write(db, &db_scope_all, rows_body, &rows, error);
    for (int i = 0; !status && i < DEMO_PARTNERS; i++) {
        partners[i].name = firms[DEMO_FIRST + i].partner.name;
        partners[i].origin = firms[DEMO_FIRST + i].partner.website;
        memcpy(partners[i].id, rows.partner_ids[DEMO_FIRST + i], ID_MAX);
    }
    return status;
}

static int keys_make(struct keys *keys, struct demo_partner *partner, struct error *error) {
    char id[ID_MAX];
    struct key_options options = {.partner_id = partner->id, .secret = true};
    int status = keys_create(keys, &options, error, partner->secret_key_id, partner->secret_key);
    options.secret = false;
    options.origins = &partner->origin;
    options.origin_count = 1;
    return status ? status : keys_create(keys, &options, error, id, partner->publishable_key);
}

static int organisation_key_make(struct keys *keys, struct error *error,
                                 char ret_key[KEY_TEXT_MAX]) {
    char id[ID_MAX];
    struct key_options options = {.organisation_name = "Demo"};
    return keys_create(keys, &options, error, id, ret_key);
}

/* ---- products ------------------------------------------------------------------------------- */
struct demo_publishing {
    struct draft draft;
    struct activation activation;
    struct draft_deed deed;
};

static int publish_body(struct db_tx *tx, void *context, struct error *error) {
    const struct demo_publishing *publishing = context;
    return draft_publish(tx, &publishing->draft, &publishing->activation, &publishing->deed, error);
}

static int publication_write(struct db *db, const struct publication *publication, int64_t now_us,
                             struct problems *problems, struct error *error) {
    struct demo_publishing publishing = {
        .activation = {.files = *publication->files},
        .deed = {.by = "operator:koppel init", .note = "demo data", .now_us = now_us}};
    struct draft_request request = {.files = publication->files,
                                    .effective_from = publication->effective_from,
                                    .by = publishing.deed.by,
                                    .now_us = now_us};
    int status = draft_make(&request, problems, error, &publishing.draft);
    if (!status) status = version_make(publication, error, &publishing.activation.version);
    return status ? status : db_write(db, &db_scope_all, publish_body, &publishing, error);
}

/* Published as if two months ago, so that quotes of past weeks have a version to stand on. */
static int product_publish(struct db *db, const char *name, int64_t now_us, struct error *error) {
    struct product_files files;
    struct product_proof proof = {0};
    struct value_date today = day_at(now_us), from = day_add(&today, -HISTORY_DAYS);
    char effective_from[CLOCK_DATE_MAX];
    int year = from.year, month = from.month, day = from.day;
    day_write(&from, effective_from);
    struct problems *problems = calloc(1, sizeof *problems);
    if (!problems) return error_set(error, ERROR_NO_MEMORY, "no memory to publish a product");
    int status = product_folder_embedded(name, error, &files);
    if (!status) status = product_files_prove(&files, now_us, problems, error, &proof);
    if (!status) {
        const struct product_info *info = product_info(proof.product);
        struct publication publication = {
            .files = &files,
            .product = info->name,
            .interface = info->interface,
            .effective_from = effective_from,
            .known_from_us = clock_amsterdam_midnight_us(year, month, day)};
        status = publication_write(db, &publication, now_us, problems, error);
    }
    product_free(proof.product);
    free(problems);
    return status;
}

static int products_publish(struct db *db, int64_t now_us, struct error *error) {
    int status = 0;
    for (int i = 0; !status && i < embedded_file_count; i++) {
        const char *product = product_at(i);
        if (product) status = product_publish(db, product, now_us, error);
    }
    return status;
}

/* ---- demo.json ------------------------------------------------------------------------------ */
static void member(struct buffer *buffer, const char *name, const char *text, const char *end) {
    buffer_format(buffer, "      \"%s\": ", name);
    json_write_text(text, strlen(text), buffer);
    buffer_text(buffer, end);
}

/* One user a line. */
static void users_write(struct buffer *buffer, const char *password,
                        const struct demo_user *users, int count) {
    buffer_text(buffer, "      \"users\": [\n");
    for (int i = 0; i < count; i++) {
        const struct demo_user *user = &users[i];
        buffer_format(buffer,
                      "        {\"email\": \"%s\", \"password\": \"%s\", \"role\": \"%s\","
                      " \"totp_secret\": \"%s\"}%s\n",
                      user->email, password, user->role, user->totp_secret,
                      i + 1 < count ? "," : "");
    }
    buffer_text(buffer, "      ]\n");
}

static int json_make(const struct config *config, const char *organisation_key,
                     const struct demo_partner *partners, const struct demo_users *users,
                     struct error *error) {
    char path[CONFIG_VALUE_MAX];
    struct buffer buffer;
    buffer_init(&buffer, DEMO_JSON_MAX_BYTES);
    buffer_text(&buffer, "{\n  \"organisation\": {\n");
    member(&buffer, "key", organisation_key, ",\n");
    users_write(&buffer, users->password, users->organisation, DEMO_ORGANISATION_USERS);
    buffer_text(&buffer, "  },\n  \"partners\": [\n");
    for (int i = 0; i < DEMO_PARTNERS; i++) {
        buffer_text(&buffer, "    {\n");
        member(&buffer, "name", partners[i].name, ",\n");
        member(&buffer, "id", partners[i].id, ",\n");
        member(&buffer, "origin", partners[i].origin, ",\n");
        member(&buffer, "secret_key", partners[i].secret_key, ",\n");
        member(&buffer, "publishable_key", partners[i].publishable_key, ",\n");
        users_write(&buffer, users->password, users->partners[i], DEMO_PARTNER_USERS);
        buffer_text(&buffer, "    }");
        buffer_text(&buffer, i + 1 < DEMO_PARTNERS ? ",\n" : "\n");
    }
    buffer_text(&buffer, "  ]\n}\n");
    int status = file_path(config->folder, "demo.json", sizeof path, error, path);
    if (!status && buffer.failed)
        status = error_set(error, ERROR_NO_MEMORY, "no memory to write demo.json");
    if (!status) status = file_write(path, buffer.data, buffer.length, 0600, error);
    if (buffer.data) explicit_bzero(buffer.data, buffer.length);
    buffer_done(&buffer);
    return status;
}

int demo_make(const struct config *config, int64_t scale, struct error *error,
              int64_t *ret_quotes) {
    struct service *service = NULL;
    struct demo_partner partners[DEMO_PARTNERS] = {0};
    struct demo_users users = {0};
    char organisation_key[KEY_TEXT_MAX];
    int64_t now_us = clock_now_us(), quotes = 0;
    int status = service_new(config, error, &service);
    if (status) return status;
    status = products_publish(service->db, now_us, error);
    if (!status) status = partners_make(service->db, now_us, error, partners);
    if (!status) status = demo_brands_make(service->db, partners, now_us, error);
    for (int i = 0; !status && i < DEMO_PARTNERS; i++)
        status = keys_make(service->keys, &partners[i], error);
    if (!status) status = organisation_key_make(service->keys, error, organisation_key);
    if (!status) status = demo_users_make(service, partners, now_us, error, &users);
    if (!status) status = demo_account_managers_set(service->db, error);
    if (!status) status = demo_leads_make(service, partners, now_us, error);
    service_free(service);
    if (status) return status;
    /* Opened again: its catalogue knows the products now. */
    status = service_new(config, error, &service);
    if (status) return status;
    status = demo_quotes_make(service, partners, scale, error, &quotes);
    service_free(service);
    if (!status) status = json_make(config, organisation_key, partners, &users, error);
    explicit_bzero(partners, sizeof partners);
    explicit_bzero(&users, sizeof users);
    explicit_bzero(organisation_key, sizeof organisation_key);
    if (!status) *ret_quotes = quotes;
    return status;
}
