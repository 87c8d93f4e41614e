/* koppel agreement: makes, lists and ends agreements with partners, so that an installation can
 * begin to sell. Commission is agreed on in the extranet, where the law's limits are checked. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/installation.h"
#include "domain/agreement.h"
#include "domain/calendar_day.h"
#include "domain/partner_event.h"

static const char usage[] =
    "usage: koppel agreement create --data DIR --partner ID [--product NAME] [--from DATE]\n"
    "                               [--to DATE] [--role ROLE]\n"
    "       koppel agreement list --data DIR [--partner ID]\n"
    "       koppel agreement end --data DIR --to DATE AGREEMENT_ID\n"
    "\n"
    "create lets a partner sell a product, or every product, from a day on (default today) to a\n"
    "last day, or until further notice, and prints the agreement's id. ROLE is intermediary,\n"
    "mandated_agent or referrer. end sets the last day. Both hold within a second everywhere.\n";

struct arguments {
    const char *folder, *partner, *product, *from, *to, *role;
};

static int misused(struct error *error) {
    return command_misused("agreement", error);
}

/* A date that is given; false with the error when it is none. */
static bool date_check(const char *option, const char *text, struct error *error) {
    struct value_date unused;
    if (!text || day_read(text, &unused)) return true;
    error_set(error, ERROR_INVALID, "--%s '%.20s' is no date: write it as 2027-01-31", option,
              text);
    return false;
}

struct deed {
    struct agreement agreement;
    const char *name, *event; /* as the audit log and the timeline call it */
    char id[ID_MAX], operator[OPERATOR_MAX];
    int64_t now_us;
};

static int tell(struct db_tx *tx, const struct deed *deed, const char *partner_id,
                struct error *error) {
    const struct partner_event event = {
        .partner_id = partner_id,
        .kind = deed->event,
        .subject_id = deed->id,
        .by = {.actor = "organisation", .at_us = deed->now_us}};
    const struct command_deed command = {.name = deed->name, .subject_id = partner_id};
    int status = partner_event_insert(tx, &event, error);
    return status ? status : command_deed_record(tx, &command, deed->operator, error);
}

/* ---- create --------------------------------------------------------------------------------- */
static int product_check(struct db_tx *tx, const char *product, struct error *error) {
    struct db_rows *rows = NULL;
    if (!product) return 0;
    int status = db_query(tx, error, &rows,
                          "select 1 from product_version v where v.product = $1 limit 1",
                          db_text(product));
    if (status) return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status == 0)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no product %.60s: koppel product list shows them", product);
    return status < 0 ? status : 0;
}

static int create_body(struct db_tx *tx, void *context, struct error *error) {
    const struct deed *deed = context;
    const struct agreement *agreement = &deed->agreement;
    int status = product_check(tx, agreement->product, error);
    if (!status) status = agreement_create(tx, deed->id, agreement, deed->now_us, error);
    return status ? status : tell(tx, deed, agreement->partner_id, error);
}

static bool role_known(const char *role) {
    for (int i = 0; i < AGREEMENT_ROLES; i++)
        if (strcmp(agreement_roles[i].code, role) == 0) return true;
    return false;
}

static int deed_write(const char *folder, struct deed *deed, db_body body) {
    struct installation installation = {0};
    struct error error = {0};
    deed->now_us = clock_now_us();
    command_operator(deed->operator);
    int status = installation_open(folder, &error, &installation);
    if (!status) status = db_write(installation.db, &db_scope_all, body, deed, &error);
    installation_close(&installation);
    if (status) return command_fail("agreement", &error);
    printf("%s\n", deed->id);
    return EXIT_DONE;
}

static int create(const struct arguments *arguments) {
    struct error error = {0};
    char today[CLOCK_DATE_MAX];
    clock_amsterdam_date_text(clock_now_us(), today);
    struct deed deed = {.name = "CreateAgreement",
                        .event = "agreement_made",
                        .agreement = {.partner_id = arguments->partner,
                                      .product = arguments->product,
                                      .role = arguments->role,
                                      .from_date = arguments->from ? arguments->from : today,
                                      .to_date = arguments->to}};
    const struct agreement *agreement = &deed.agreement;
    if (!agreement->partner_id)
        error_set(&error, ERROR_INVALID, "--partner is missing: koppel partner list shows them");
    else if (agreement->role && !role_known(agreement->role))
        error_set(&error, ERROR_INVALID, "--role is intermediary, mandated_agent or referrer");
    else if (date_check("from", arguments->from, &error) &&
             date_check("to", arguments->to, &error) && agreement->to_date &&
             strcmp(agreement->to_date, agreement->from_date) < 0)
        error_set(&error, ERROR_INVALID, "--to lies before the first day, %s",
                  agreement->from_date);
    if (error.code) return misused(&error);
    id_make("agr", deed.id);
    return deed_write(arguments->folder, &deed, create_body);
}

/* ---- end ------------------------------------------------------------------------------------ */
struct found {
    char partner_id[ID_MAX], from_date[CLOCK_DATE_MAX];
    int64_t revision;
};

static int agreement_find(struct db_tx *tx, const char *id, struct error *error,
                          struct found *ret_found) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select a.partner_id, a.from_date, a.revision from agreement a"
                          " where a.id = $1 and $scope(a)",
                          db_text(id));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        db_column_copy(rows, 0, ret_found->partner_id, sizeof ret_found->partner_id);
        db_column_copy(rows, 1, ret_found->from_date, sizeof ret_found->from_date);
        ret_found->revision = db_column_integer(rows, 2);
    }
    db_rows_close(rows);
    if (status == 0)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no agreement %.60s: koppel agreement list shows them", id);
    return status < 0 ? status : 0;
}

static int end_body(struct db_tx *tx, void *context, struct error *error) {
    const struct deed *deed = context;
    const char *to_date = deed->agreement.to_date;
    struct found found = {.revision = 0};
    int status = agreement_find(tx, deed->id, error, &found);
    if (status) return status;
    if (strcmp(to_date, found.from_date) < 0)
        return error_set(error, ERROR_INVALID, "%s lies before its first day, %s", to_date,
                         found.from_date);
    status = agreement_end(tx, deed->id, to_date, found.revision + 1, deed->now_us, error);
    return status ? status : tell(tx, deed, found.partner_id, error);
}

static int end(const struct arguments *arguments, const char *id) {
    struct error error = {0};
    struct deed deed = {.name = "EndAgreement",
                        .event = "agreement_ended",
                        .agreement = {.to_date = arguments->to}};
    if (!arguments->to) error_set(&error, ERROR_INVALID, "--to is missing: the last day");
    else if (date_check("to", arguments->to, &error) && !id_valid("agr", id, strlen(id)))
        error_set(&error, ERROR_INVALID, "'%.60s' is no agreement's id: it begins with agr_", id);
    if (error.code) return misused(&error);
    snprintf(deed.id, sizeof deed.id, "%s", id);
    return deed_write(arguments->folder, &deed, end_body);
}

/* ---- list ----------------------------------------------------------------------------------- */
struct listing {
    const char *partner;
    struct buffer text;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    struct db_rows *rows = NULL;
    buffer_clear(&listing->text);
    int status = db_query(tx, error, &rows,
                          "select a.id, a.product, a.role, a.from_date, a.to_date, p.name"
                          " from agreement a join partner p on p.id = a.partner_id"
                          " where (cast($1 as text) is null or a.partner_id = $1) and $scope(a)"
                          " order by p.name, a.id",
                          db_text(listing->partner));
    while (!status && (status = db_next(rows, error)) > 0) {
        const char *product = db_column_text(rows, 1, NULL), *to = db_column_text(rows, 4, NULL);
        buffer_format(&listing->text, "%s  %-14s  %-14s  %s to %-14s  %s\n",
                      db_column_text(rows, 0, NULL), product ? product : "every product",
                      db_column_text(rows, 2, NULL), db_column_text(rows, 3, NULL),
                      to ? to : "further notice", db_column_text(rows, 5, NULL));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static int list(const struct arguments *arguments) {
    struct listing listing = {.partner = arguments->partner};
    return command_list("agreement", arguments->folder, list_body, &listing, &listing.text);
}

/* ---- the command ---------------------------------------------------------------------------- */
static int run(int argc, char **argv) {
    struct arguments arguments = {0};
    struct option_operands operands = {0};
    struct error error = {0};
    int status;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &arguments.folder},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID",
         .help = "create, list: the partner, such as ptr_06fd…",
         .ret_value = &arguments.partner},
        {.name = "product", .kind = OPTION_TEXT, .argument = "NAME",
         .help = "create: the product; else every product", .ret_value = &arguments.product},
        {.name = "from", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "create: the first day; else today", .ret_value = &arguments.from},
        {.name = "to", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "create, end: the last day", .ret_value = &arguments.to},
        {.name = "role", .kind = OPTION_TEXT, .argument = "ROLE",
         .help = "create: intermediary (default), mandated_agent or referrer",
         .ret_value = &arguments.role}};
    const int count = sizeof options / sizeof *options;
    if (command_verb_options("agreement", usage, options, count, argc, argv, &operands, &status))
        return status;
    const char *verb = operands.count ? operands.items[0] : "";
    if (strcmp(verb, "create") == 0 && operands.count == 1) return create(&arguments);
    if (strcmp(verb, "list") == 0 && operands.count == 1) return list(&arguments);
    if (strcmp(verb, "end") == 0 && operands.count == 2) return end(&arguments, operands.items[1]);
    error_set(&error, ERROR_INVALID, "say create, list, or end AGREEMENT_ID");
    return misused(&error);
}

extern const struct command command_agreement;
const struct command command_agreement = {
    .name = "agreement", .summary = "what partners may sell, and when", .run = run};
