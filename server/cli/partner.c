/* koppel partner: which partners there are, and what each requires of its own systems. Recording
 * and showing one: partner_record.c. */
#include <stdio.h>
#include <string.h>

#include "auth/requirement.h"
#include "base/buffer.h"
#include "cli/installation.h"
#include "cli/partner_record.h"

static const char usage[] =
    "usage: koppel partner create --data DIR --name NAME [--parent ID] [--email ADDRESS] …\n"
    "       koppel partner list --data DIR\n"
    "       koppel partner show --data DIR PARTNER_ID\n"
    "       koppel partner require --data DIR --partner ID [--json PROOFS] [--soap PROOFS]\n"
    "\n"
    "create records a partner and prints its id; `koppel agreement create` says what it may sell.\n"
    "list shows each partner, with what it requires; show tells all of one. require says with\n"
    "what a partner's systems must prove who they are, over JSON and over SOAP; all that is named\n"
    "must come together.\n"
    "PROOFS is none, or some of these with commas between:\n"
    "  key          a secret key, or an access token that was got with one\n"
    "  token        an access token (OAuth 2) in place of the key itself\n"
    "  certificate  a registered client certificate: see `koppel certificate`\n"
    "  username     over SOAP: a UsernameToken of WS-Security\n"
    "  signature    over SOAP: a message signed with a registered certificate\n"
    "It holds within a second everywhere. Keys of websites are not asked for more.\n";

struct arguments {
    const char *folder, *partner;
    const char *proofs[ENTRANCE_COUNT];
};

static int misused(struct error *error) {
    return command_misused("partner", error);
}

/* ---- list ----------------------------------------------------------------------------------- */
static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct buffer *text = context;
    struct db_rows *rows = NULL;
    char before[ID_MAX] = "";
    buffer_clear(text);
    int status = db_query(tx, error, &rows,
                          "select p.id, p.name, p.kind, p.status, r.entrance, r.proof"
                          " from partner p"
                          " left join partner_requirement r on r.partner_id = p.id and $scope(r)"
                          " order by p.name, p.id, r.entrance, r.proof");
    while (!status && (status = db_next(rows, error)) > 0) {
        const char *id = db_column_text(rows, 0, NULL);
        if (strcmp(id, before) != 0)
            buffer_format(text, "%s  %-6s  %-9s  %s\n", id, db_column_text(rows, 2, NULL),
                          db_column_text(rows, 3, NULL), db_column_text(rows, 1, NULL));
        snprintf(before, sizeof before, "%s", id);
        if (!db_column_null(rows, 4))
            buffer_format(text, "    requires over %s: %s\n", db_column_text(rows, 4, NULL),
                          db_column_text(rows, 5, NULL));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static int list(const struct arguments *arguments) {
    struct buffer text;
    return command_list("partner", arguments->folder, list_body, &text, &text);
}

/* ---- require -------------------------------------------------------------------------------- */
static int require(const struct arguments *arguments) {
    struct installation installation = {0};
    struct error error = {0};
    struct keys *keys = NULL;
    unsigned read[ENTRANCE_COUNT] = {0};
    const unsigned *proofs[ENTRANCE_COUNT] = {NULL};
    bool any = false;
    for (int at = 0; at < ENTRANCE_COUNT; at++) {
        const char *names = arguments->proofs[at];
        any = any || names;
        proofs[at] = names ? &read[at] : NULL;
        if (!names || (*names && proof_read_names(names, &read[at]))) continue;
        error_set(&error, ERROR_INVALID,
                  "--%s takes none, or some of key, token, certificate, username, signature with "
                  "commas between: '%.60s' is not that", entrance_name(at), names);
        return misused(&error);
    }
    if (!arguments->partner) error_set(&error, ERROR_INVALID, "--partner is missing: of whom?");
    else if (!any) error_set(&error, ERROR_INVALID, "say --json PROOFS, --soap PROOFS, or both");
    if (error.code) return misused(&error);
    int status = installation_open_keys(arguments->folder, &error, &installation, &keys);
    bool opened = !status;
    if (!status) status = requirement_set(keys, arguments->partner, proofs, &error);
    keys_free(keys);
    installation_close(&installation);
    if (status == ERROR_INVALID && opened) return misused(&error);
    return status ? command_fail("partner", &error) : EXIT_DONE;
}

/* ---- the command ---------------------------------------------------------------------------- */
static int run(int argc, char **argv) {
    struct arguments arguments = {0};
    struct partner_arguments record = {0};
    struct option_operands operands = {0};
    struct error error = {0};
    int status;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &arguments.folder},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID",
         .help = "require: the partner, such as ptr_06fd…", .ret_value = &arguments.partner},
        {.name = "json", .kind = OPTION_TEXT, .argument = "PROOFS",
         .help = "require: of those that call over JSON",
         .ret_value = &arguments.proofs[ENTRANCE_JSON]},
        {.name = "soap", .kind = OPTION_TEXT, .argument = "PROOFS",
         .help = "require: of those that call over SOAP",
         .ret_value = &arguments.proofs[ENTRANCE_SOAP]}};
    enum { OWN = sizeof options / sizeof *options };
    struct option all[OWN + PARTNER_OPTIONS];
    memcpy(all, options, sizeof options);
    partner_options(&record, all + OWN);
    if (command_verb_options("partner", usage, all, OWN + PARTNER_OPTIONS, argc, argv, &operands,
                             &status))
        return status;
    if (operands.count == 2 && strcmp(operands.items[0], "show") == 0)
        return partner_show(arguments.folder, operands.items[1]);
    const char *verb = operands.count == 1 ? operands.items[0] : "";
    if (strcmp(verb, "create") == 0) return partner_record(arguments.folder, &record);
    if (strcmp(verb, "list") == 0) return list(&arguments);
    if (strcmp(verb, "require") == 0) return require(&arguments);
    error_set(&error, ERROR_INVALID, "say create, list, show PARTNER_ID, or require");
    return misused(&error);
}

extern const struct command command_partner;
const struct command command_partner = {
    .name = "partner",
    .summary = "record, list and show partners, and say what each requires",
    .run = run};
