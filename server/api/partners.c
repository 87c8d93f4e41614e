/* Partners: finding, reading, making and changing them, and to which chain they belong. What is
 * kept beside a partner's own row has resources of its own below it. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "domain/identifier.h"
#include "partner_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
enum { NAME_MAX_LENGTH = 120, ADDRESS_MAX_LENGTH = 120, WEBSITE_MAX_LENGTH = 200 };

#define TEXT_FIELD(name_, required_, maximum_, nl_, en_)                                          \
    {.name = name_, .type = FIELD_TEXT, .required = required_, .length_minimum = 1,               \
     .length_maximum = maximum_, .label = {nl_, en_}}
#define CHOICE_FIELD(name_, required_, choices_, count_, nl_, en_)                                \
    {.name = name_, .type = FIELD_CHOICE, .required = required_, .choices = choices_,             \
     .choice_count = count_, .label = {nl_, en_}}
#define NUMBER_FIELD(name_, nl_, en_, example_)                                                   \
    {.name = name_, .type = FIELD_TEXT, .length_maximum = 60, .label = {nl_, en_},                \
     .example = example_}
/* What can be set of a partner; in the order of `settings`. */
#define WRITABLE_FIELDS(required_)                                                                \
    TEXT_FIELD("name", required_, NAME_MAX_LENGTH, "naam", "name"),                               \
    CHOICE_FIELD("kind", false, partner_kinds, PARTNER_KINDS, "soort", "kind"),                   \
    TEXT_FIELD("legal_name", false, NAME_MAX_LENGTH, "statutaire naam", "legal name"),            \
    CHOICE_FIELD("legal_form", false, partner_legal_forms, PARTNER_LEGAL_FORMS, "rechtsvorm",     \
                 "legal form"),                                                                   \
    NUMBER_FIELD("trade_register_number", "KvK-nummer", "trade register number",                  \
                 "\"01234567\""),                                                                 \
    NUMBER_FIELD("trade_register_branch", "vestigingsnummer", "branch number",                    \
                 "\"000012345678\""),                                                             \
    NUMBER_FIELD("rsin", "RSIN", "RSIN", "\"123456782\""),                                        \
    NUMBER_FIELD("vat_number", "btw-nummer", "VAT number", "\"NL123456782B01\""),                 \
    NUMBER_FIELD("iban", "rekeningnummer", "account number", "\"NL91ABNA0417164300\""),           \
    NUMBER_FIELD("licence_number", "vergunningnummer van de AFM", "licence number of the AFM",    \
                 "\"12019504\""),                                                                 \
    {.name = "employees", .type = FIELD_INTEGER, .minimum = "1", .maximum = "100000",             \
     .label = {"aantal medewerkers", "employees"}},                                               \
    TEXT_FIELD("street", false, ADDRESS_MAX_LENGTH, "straat en huisnummer",                       \
               "street and number"),                                                              \
    NUMBER_FIELD("postcode", "postcode", "postcode", "\"3511 AB\""),                              \
    TEXT_FIELD("city", false, ADDRESS_MAX_LENGTH, "plaats", "city"),                              \
    {.name = "website", .type = FIELD_TEXT, .length_maximum = WEBSITE_MAX_LENGTH,                 \
     .pattern = "https://[a-z0-9.\\-]+(:[0-9]+)?(/[A-Za-z0-9._~%/\\-]*)?",                        \
     .label = {"website", "website"},                                                             \
     .help = {"Een adres dat met https:// begint.", "An address that begins with https://."}},    \
    {.name = "email", .type = FIELD_TEXT, .length_maximum = 254, .format = "email",               \
     .label = {"e-mailadres", "email address"}},                                                  \
    NUMBER_FIELD("telephone", "telefoonnummer", "telephone number", "\"+31301234567\""),          \
    CHOICE_FIELD("grade", false, partner_grades, PARTNER_GRADES, "waardering", "grade"),          \
    CHOICE_FIELD("stage", false, partner_stages, PARTNER_STAGES, "fase", "stage"),                \
    {.name = "suspended", .type = FIELD_BOOLEAN,                                                  \
     .label = {"mag tijdelijk niet verkopen", "may not sell for now"}},                           \
    {.name = "no_advertising", .type = FIELD_BOOLEAN,                                             \
     .label = {"wil geen reclame", "wants no advertising"}},                                      \
    TEXT_FIELD("account_manager_id", false, ID_MAX, "accountmanager", "account manager"),         \
    PARTNER_DATE_FIELD("last_review_date", false, "laatste beoordeling", "last review"),          \
    PARTNER_DATE_FIELD("next_review_date", false, "volgende beoordeling", "next review")

enum setting_kind { SETTING_TEXT, SETTING_NUMBER, SETTING_DATE };

/* How a text of the input becomes one of the row, who may set it, and whether it can be emptied. */
static const struct setting {
    const char *name;
    size_t offset; /* of its text in struct partner */
    enum setting_kind kind;
    enum identifier identifier; /* SETTING_NUMBER */
    bool own;                   /* a partner's own administrator may set it */
    bool kept;                  /* must be there: it cannot be emptied */
    bool hidden;                /* its value is not told in the timeline */
} settings[] = {
    {"name", offsetof(struct partner, name), SETTING_TEXT, IDENTIFIERS, false, true, false},
    {"kind", offsetof(struct partner, kind), SETTING_TEXT, IDENTIFIERS, false, true, false},
    {"legal_name", offsetof(struct partner, legal_name), SETTING_TEXT, IDENTIFIERS, false, false,
     false},
    {"legal_form", offsetof(struct partner, legal_form), SETTING_TEXT, IDENTIFIERS, false, false,
     false},
    {"trade_register_number", offsetof(struct partner, trade_register_number), SETTING_NUMBER,
     IDENTIFIER_TRADE_REGISTER, false, false, false},
    {"trade_register_branch", offsetof(struct partner, trade_register_branch), SETTING_NUMBER,
     IDENTIFIER_BRANCH, false, false, false},
    {"rsin", offsetof(struct partner, rsin), SETTING_NUMBER, IDENTIFIER_RSIN, false, false, false},
    {"vat_number", offsetof(struct partner, vat_number), SETTING_NUMBER, IDENTIFIER_VAT, false,
     false, false},
    {"iban", offsetof(struct partner, iban), SETTING_NUMBER, IDENTIFIER_IBAN, false, false, true},
    {"licence_number", offsetof(struct partner, licence_number), SETTING_NUMBER,
     IDENTIFIER_LICENCE, false, false, false},
    {"street", offsetof(struct partner, street), SETTING_TEXT, IDENTIFIERS, true, false, false},
    {"postcode", offsetof(struct partner, postcode), SETTING_NUMBER, IDENTIFIER_POSTCODE, true,
     false, false},
    {"city", offsetof(struct partner, city), SETTING_TEXT, IDENTIFIERS, true, false, false},
    {"website", offsetof(struct partner, website), SETTING_TEXT, IDENTIFIERS, true, false, false},
    {"email", offsetof(struct partner, email), SETTING_TEXT, IDENTIFIERS, true, false, false},
    {"telephone", offsetof(struct partner, telephone), SETTING_NUMBER, IDENTIFIER_TELEPHONE, true,
     false, false},
    {"grade", offsetof(struct partner, grade), SETTING_TEXT, IDENTIFIERS, false, false, false},
    {"stage", offsetof(struct partner, stage), SETTING_TEXT, IDENTIFIERS, false, true, false},
    {"account_manager_id", offsetof(struct partner, account_manager_id), SETTING_TEXT,
     IDENTIFIERS, false, false, false},
    {"last_review_date", offsetof(struct partner, last_review_date), SETTING_DATE, IDENTIFIERS,
     false, false, false},
    {"next_review_date", offsetof(struct partner, next_review_date), SETTING_DATE, IDENTIFIERS,
     false, false, false}};
enum { SETTINGS = sizeof settings / sizeof *settings };

static const struct field_choice clearable[] = {
    {"legal_name", {"statutaire naam", "legal name"}},
    {"legal_form", {"rechtsvorm", "legal form"}},
    {"trade_register_number", {"KvK-nummer", "trade register number"}},
    {"trade_register_branch", {"vestigingsnummer", "branch number"}},
    {"rsin", {"RSIN", "RSIN"}},
    {"vat_number", {"btw-nummer", "VAT number"}},
    {"iban", {"rekeningnummer", "account number"}},
    {"licence_number", {"vergunningnummer van de AFM", "licence number of the AFM"}},
    {"employees", {"aantal medewerkers", "employees"}},
    {"street", {"straat en huisnummer", "street and number"}},
    {"postcode", {"postcode", "postcode"}},
    {"city", {"plaats", "city"}},
    {"website", {"website", "website"}},
    {"email", {"e-mailadres", "email address"}},
    {"telephone", {"telefoonnummer", "telephone number"}},
    {"grade", {"waardering", "grade"}},
    {"account_manager_id", {"accountmanager", "account manager"}},
    {"last_review_date", {"laatste beoordeling", "last review"}},
    {"next_review_date", {"volgende beoordeling", "next review"}}};
static const struct field clear_item[] = {
    {.name = "field", .type = FIELD_CHOICE, .required = true, .choices = clearable,
     .choice_count = sizeof clearable / sizeof *clearable, .label = {"veld", "field"}}};

static const struct field id_input[] = {PARTNER_ID_FIELD};
static const struct field create_input[] = {
    WRITABLE_FIELDS(true),
    TEXT_FIELD("parent_id", false, ID_MAX, "hoort bij", "belongs to")};
static const struct field change_input[] = {
    PARTNER_ID_FIELD, WRITABLE_FIELDS(false),
    {.name = "clear", .type = FIELD_LIST, .fields = clear_item, .field_count = 1,
     .length_maximum = sizeof clearable / sizeof *clearable,
     .label = {"leeg te maken velden", "fields to empty"}}};
static const struct field move_input[] = {
    PARTNER_ID_FIELD,
    {.name = "parent_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"hoort voortaan bij", "belongs to from now on"},
     .help = {"Zonder dit veld hoort de partner nergens meer bij.",
              "Without this the partner belongs to none any more."}}};

/* ---- taking over what is given --------------------------------------------------------------- */
static const char **text_at(struct partner *partner, const struct setting *setting) {
    return (const char **)((char *)partner + setting->offset);
}

/* Its administrator may change what is the firm's own; the rest is the organisation's. */
static bool may_set(struct call *call, const struct setting *setting) {
    char pointer[FIELD_POINTER_MAX];
    if (caller_is_organisation(&call->caller) || setting->own) return true;
    snprintf(pointer, sizeof pointer, "/%s", setting->name);
    partner_fault(call, pointer, "not_yours",
                  "Dit kan alleen de organisatie wijzigen: vraag het uw accountmanager.",
                  "Only the organisation can change this: ask your account manager.");
    return false;
}

static bool setting_take(struct call *call, const struct setting *setting,
                         struct partner *partner) {
    const char *text = NULL;
    bool good = true;
    if (!record_get(&call->input, setting->name)) return true;
    if (!may_set(call, setting)) return true;
    switch (setting->kind) {
    case SETTING_TEXT: good = partner_text(call, setting->name, &text); break;
    case SETTING_DATE: good = partner_date(call, setting->name, &text); break;
    case SETTING_NUMBER:
        good = partner_identifier(call, setting->name, (int)setting->identifier, &text);
        break;
    }
    if (good && text) *text_at(partner, setting) = text;
    return good;
}

static void clear_take(struct call *call, struct partner *partner) {
    const struct value *names = record_get(&call->input, "clear");
    for (uint32_t i = 0; names && i < names->length; i++) {
        const struct value *name = &names->items[i];
        for (int at = 0; at < SETTINGS; at++)
            if (strlen(settings[at].name) == name->length &&
                memcmp(settings[at].name, name->text, name->length) == 0 &&
                !settings[at].kept && may_set(call, &settings[at]))
                *text_at(partner, &settings[at]) = NULL;
        if (name->length == 9 && memcmp(name->text, "employees", 9) == 0) partner->employees = 0;
    }
}

static const struct setting flags = {
    "suspended", 0, SETTING_TEXT, IDENTIFIERS, false, true, false};

static int input_take(struct call *call, struct partner *partner) {
    for (int i = 0; i < SETTINGS; i++)
        if (!setting_take(call, &settings[i], partner)) return call->error.code;
    clear_take(call, partner);
    partner->employees = record_get_integer(&call->input, "employees", partner->employees);
    if ((record_get(&call->input, "suspended") || record_get(&call->input, "no_advertising")) &&
        may_set(call, &flags)) {
        partner->suspended = record_get_boolean(&call->input, "suspended", partner->suspended);
        partner->no_advertising =
            record_get_boolean(&call->input, "no_advertising", partner->no_advertising);
    }
    return call->faults.count ? ERROR_INVALID : 0;
}

/* ---- the account manager --------------------------------------------------------------------- */
struct manager_reading {
    const char *id;
    const char *name; /* NULL: there is no such user of the organisation */
    struct scratch *scratch;
};

static int manager_body(struct db_tx *tx, void *context, struct error *error) {
    struct manager_reading *reading = context;
    struct db_rows *rows = NULL;
    /* no wall: only the organisation names account managers, and only its own people are found. */
    int status = db_query(tx, error, &rows,
                          "select u.name from app_user u where u.id = $1"
                          " and u.partner_id is null and u.status <> 'disabled'",
                          db_text(reading->id));
    if (status) return status;
    status = db_next(rows, error);
    reading->name = NULL;
    if (status > 0) {
        size_t length = 0;
        const char *name = db_column_text(rows, 0, &length);
        char *copied = scratch_take(reading->scratch, length + 1);
        if (copied) memcpy(copied, name, length + 1);
        reading->name = copied;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int manager_check(struct call *call, struct partner *partner, const char *before) {
    if (!partner->account_manager_id) {
        partner->account_manager = NULL;
        return 0;
    }
    if (before && strcmp(before, partner->account_manager_id) == 0) return 0;
    struct manager_reading reading = {.id = partner->account_manager_id,
                                      .scratch = call->scratch};
    int status = call_read(call, manager_body, &reading);
    if (status) return status;
    partner->account_manager = reading.name;
    if (reading.name) return 0;
    partner_fault(call, "/account_manager_id", "unknown_user",
                  "Dit is geen gebruiker van de organisatie: kies er een uit de lijst.",
                  "This is no user of the organisation: choose one of the list.");
    return ERROR_INVALID;
}

/* ---- answers --------------------------------------------------------------------------------- */
static int partner_answer(struct call *call, const struct partner *partner) {
    struct record record;
    record_init(&record, call->scratch);
    partner_set(call, &record, partner);
    if (record.failed) return partner_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int get_partner(struct call *call) {
    struct partner partner;
    int status = partner_of_input(call, &partner);
    return status ? status : partner_answer(call, &partner);
}

/* ---- making ---------------------------------------------------------------------------------- */
struct writing {
    const char *id;
    struct partner partner;
    int64_t now_us;
};

static int create_body(struct db_tx *tx, void *context, struct error *error) {
    const struct writing *writing = context;
    if (writing->partner.parent_id) {
        int status = partner_present(tx, writing->partner.parent_id, error);
        if (status) return status;
    }
    return partner_create(tx, writing->id, &writing->partner, writing->now_us, error);
}

static int parent_refuse(struct call *call, int status) {
    if (status != ERROR_NOT_FOUND && status != ERROR_TOO_LARGE && status != ERROR_INVALID)
        return status;
    call->refusal.status = 0;
    error_clear(&call->error);
    if (status == ERROR_NOT_FOUND)
        partner_fault(call, "/parent_id", "unknown_partner",
                      "Deze partner bestaat niet: kies er een uit de lijst.",
                      "There is no such partner: choose one of the list.");
    else if (status == ERROR_INVALID)
        partner_fault(call, "/parent_id", "circle",
                      "Deze partner hoort er zelf onder: kies een andere.",
                      "That partner itself lies below this one: choose another.");
    else
        partner_fault(call, "/parent_id", "too_deep",
                      "Een keten heeft ten hoogste acht lagen: kies een partner hogerop.",
                      "A chain has at most eight levels: choose a partner higher up.");
    return ERROR_INVALID;
}
_Static_assert(PARTNER_DEPTH_MAX == 8, "the fault says so");

static int create_partner(struct call *call) {
    char *id = scratch_take(call->scratch, ID_MAX);
    struct writing writing = {.id = id, .now_us = call->now_us};
    struct partner *partner = &writing.partner;
    if (!id) return partner_no_scratch(call);
    *partner = (struct partner){.id = id,
                                .kind = "office",
                                .country = "NL",
                                .stage = "approved",
                                .revision = 1,
                                .created_us = call->now_us};
    id_make("ptr", id);
    int status = input_take(call, partner);
    if (!status) status = manager_check(call, partner, NULL);
    if (!status && !partner_text(call, "parent_id", &partner->parent_id)) return call->error.code;
    if (!status) status = partner_answer(call, partner);
    if (status) return status;
    struct partner_deed deed = {.body = create_body,
                                .context = &writing,
                                .event = {.partner_id = id, .kind = "partner_created"}};
    status = partner_do_raw(call, id, &deed);
    return parent_refuse(call, status);
}

/* ---- changing -------------------------------------------------------------------------------- */
static int update_body(struct db_tx *tx, void *context, struct error *error) {
    const struct writing *writing = context;
    return partner_update(tx, &writing->partner, writing->now_us, error);
}

static bool text_equal(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static struct value text_or_null(const char *text) {
    return text ? value_text(text, strlen(text)) : value_null();
}

static void change_tell(struct list *list, const char *field, struct value from, struct value to,
                        bool *failed) {
    const struct value_entry entries[] = {record_entry("field", text_or_null(field)),
                                          record_entry("from", from), record_entry("to", to)};
    list_add(list, record_of(list->scratch, entries, 3, failed));
}

/* What became different, as the event tells it. */
static const char *changes_detail(struct call *call, struct partner *before,
                                  struct partner *after) {
    struct list list;
    bool failed = false;
    list_init(&list, call->scratch);
    for (int i = 0; i < SETTINGS; i++) {
        const char *from = *text_at(before, &settings[i]), *to = *text_at(after, &settings[i]);
        if (text_equal(from, to)) continue;
        bool hidden = settings[i].hidden;
        change_tell(&list, settings[i].name, hidden ? value_null() : text_or_null(from),
                    hidden ? value_null() : text_or_null(to), &failed);
    }
    if (before->employees != after->employees)
        change_tell(&list, "employees", value_int64(before->employees),
                    value_int64(after->employees), &failed);
    if (before->suspended != after->suspended)
        change_tell(&list, "suspended", value_boolean(before->suspended),
                    value_boolean(after->suspended), &failed);
    if (before->no_advertising != after->no_advertising)
        change_tell(&list, "no_advertising", value_boolean(before->no_advertising),
                    value_boolean(after->no_advertising), &failed);
    const struct value_entry entry = record_entry("changes", list_value(&list));
    return failed || list.failed ? NULL : partner_detail(call, &entry, 1);
}

static int change_partner(struct call *call) {
    struct partner before;
    struct writing writing = {.now_us = call->now_us};
    struct partner *after = &writing.partner;
    int status = partner_of_input(call, &before);
    if (!status) status = call_check_revision(call, before.revision);
    if (status) return status;
    *after = before;
    after->revision++;
    after->changed_us = call->now_us;
    status = input_take(call, after);
    if (!status) status = manager_check(call, after, before.account_manager_id);
    if (!status) status = partner_answer(call, after);
    if (status) return status;
    struct partner_deed deed = {.body = update_body,
                                .context = &writing,
                                .event = {.partner_id = after->id, .kind = "partner_changed"}};
    deed.event.detail = changes_detail(call, &before, after);
    if (!deed.event.detail) return partner_no_scratch(call);
    return partner_do(call, after->id, &deed);
}

/* ---- moving ---------------------------------------------------------------------------------- */
static int move_body(struct db_tx *tx, void *context, struct error *error) {
    const struct writing *writing = context;
    const struct partner *partner = &writing->partner;
    return partner_move(tx, partner->id, partner->parent_id, partner->revision, writing->now_us,
                        error);
}

static int move_partner(struct call *call) {
    struct writing writing = {.now_us = call->now_us};
    struct partner *partner = &writing.partner;
    int status = partner_of_input(call, partner);
    if (!status) status = call_check_revision(call, partner->revision);
    if (status) return status;
    const char *from = partner->parent_id;
    partner->parent_id = partner->parent_name = NULL;
    if (!partner_text(call, "parent_id", &partner->parent_id)) return call->error.code;
    partner->revision++;
    partner->changed_us = call->now_us;
    status = partner_answer(call, partner);
    if (status) return status;
    const struct value_entry entries[] = {record_entry("from", text_or_null(from)),
                                          record_entry("to", text_or_null(partner->parent_id))};
    struct partner_deed deed = {.body = move_body,
                                .context = &writing,
                                .event = {.partner_id = partner->id,
                                          .kind = "partner_moved",
                                          .detail = partner_detail(call, entries, 2)}};
    if (!deed.event.detail) return partner_no_scratch(call);
    status = partner_do_raw(call, partner->id, &deed);
    if (status == ERROR_CONFLICT) {
        error_clear(&call->error);
        return call_refuse_revision(call);
    }
    return parent_refuse(call, status);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const change_refusals[] = {"precondition_required", "precondition_failed",
                                              NULL};
#define WRITE(name_, method_, path_, nl_, en_, input_, roles_, status_, run_)                     \
    .name = name_, .method = method_, .path = path_, .summary = {nl_, en_},                       \
    .callers = CALLER_ORGANISATION | CALLER_USER, .roles = roles_, .input = input_,               \
    .input_count = sizeof input_ / sizeof *input_, .output = partner_fields,                      \
    .output_count = PARTNER_FIELDS, .status = status_, .audited = true, .revised = true,          \
    .rate = RATE_READ, .run = run_

static const struct operation operations[] = {
    {WRITE("CreatePartner", "POST", "/partners", "Leg een partner vast", "Record a partner",
           create_input, ROLES_PARTNERS_WRITING, 201, create_partner),
     .idempotent_key = true},
    {.name = "GetPartner", .method = "GET", .path = "/partners/{id}",
     .summary = {"Eén partner", "One partner"}, .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL, .input = id_input, .input_count = 1, .output = partner_fields,
     .output_count = PARTNER_FIELDS, .status = 200, .revised = true, .rate = RATE_READ,
     .run = get_partner},
    {WRITE("ChangePartner", "PATCH", "/partners/{id}", "Wijzig de gegevens van een partner",
           "Change what is known of a partner", change_input,
           ROLES_PARTNERS_WRITING | ROLE_PARTNER_ADMINISTRATOR, 200, change_partner),
     .if_match = true, .refusals = change_refusals},
    {WRITE("MovePartner", "POST", "/partners/{id}/move",
           "Laat een partner bij een andere keten horen, met alles eronder",
           "Make a partner belong to another chain, with all below it", move_input,
           ROLES_PARTNERS_WRITING, 200, move_partner),
     .if_match = true, .refusals = change_refusals}};

extern const struct operation_group api_partners;
const struct operation_group api_partners = {.name = "partners",
                                             .operations = operations,
                                             .count = sizeof operations / sizeof *operations};
