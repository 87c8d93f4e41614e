/* koppel certificate: registers, lists and revokes the certificates of partners' systems. The
 * partner keeps the private key; what is handed over here is no secret. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/certificate.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/installation.h"

static const char usage[] =
    "usage: koppel certificate add --data DIR --partner ID --mode test|live --name NAME\n"
    "                              [--rate-limit N] FILE\n"
    "       koppel certificate list --data DIR [--partner ID]\n"
    "       koppel certificate revoke --data DIR CERTIFICATE_ID\n"
    "\n"
    "A partner's system shows a registered certificate when it connects to the address that\n"
    "`koppel serve --certificate-listen` opens, or signs SOAP messages with it. The certificate\n"
    "itself is what is known, by its SHA-256: it may be self-signed, or issued by anyone. add\n"
    "takes it as a PEM or DER file, without its private key, and prints its id. revoke holds\n"
    "within a second everywhere, and for good.\n";

struct arguments {
    const char *folder, *partner, *name, *mode;
    int64_t rate_limit;
};

static int misused(struct error *error, const char *text) {
    error_set(error, ERROR_INVALID, "%s", text);
    return command_misused("certificate", error);
}

/* ---- add ------------------------------------------------------------------------------------ */
static int read_file(const char *path, struct error *error, struct certificate *ret_certificate) {
    char *bytes = NULL;
    size_t length = 0;
    int status = file_read(path, CERTIFICATE_FILE_MAX_BYTES, error, &bytes, &length);
    if (!status) status = certificate_read(bytes, length, error, ret_certificate);
    free(bytes);
    return status;
}

static int add(const struct arguments *arguments, const char *path) {
    struct error error = {0};
    if (!arguments->partner)
        return misused(&error, "--partner is missing: whose certificate is it?");
    if (!arguments->mode ||
        (strcmp(arguments->mode, "test") != 0 && strcmp(arguments->mode, "live") != 0))
        return misused(&error, "--mode takes test or live");
    if (!arguments->name)
        return misused(&error, "--name is missing: which system holds the certificate?");
    const struct certificate_options options = {.partner_id = arguments->partner,
                                                .name = arguments->name,
                                                .test = strcmp(arguments->mode, "test") == 0,
                                                .rate_limit_per_minute = arguments->rate_limit};
    struct installation installation = {0};
    struct certificate certificate = {.base64 = NULL};
    struct keys *keys = NULL;
    char id[ID_MAX];
    int status = read_file(path, &error, &certificate);
    if (!status) status = installation_open_keys(arguments->folder, &error, &installation, &keys);
    if (!status) status = certificate_add(keys, &certificate, &options, &error, id);
    keys_free(keys);
    installation_close(&installation);
    if (!status) {
        puts(id);
        fprintf(stderr, "koppel certificate: registered %s with SHA-256 %s\n",
                certificate.subject, certificate.fingerprint);
    }
    certificate_done(&certificate);
    return status ? command_fail("certificate", &error) : EXIT_DONE;
}

/* ---- list ----------------------------------------------------------------------------------- */
struct listing {
    const char *partner;
    int64_t now_us;
    struct buffer text;
};

static const char *state_of(struct db_rows *rows, int64_t now_us) {
    if (!db_column_null(rows, 5)) return "revoked";
    if (db_column_integer(rows, 4) <= now_us) return "expired";
    return db_column_integer(rows, 3) > now_us ? "not yet" : "active";
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    struct db_rows *rows = NULL;
    buffer_clear(&listing->text);
    int status = db_query(tx, error, &rows,
                          "select c.id, c.partner_id, c.mode, c.begins_us, c.expires_us,"
                          " coalesce(c.revoked_us, k.revoked_us), c.rate_limit_per_minute,"
                          " c.name, c.subject, c.fingerprint from partner_certificate c"
                          " join api_key k on k.id = c.key_id and $scope(k)"
                          " where (cast($1 as text) is null or c.partner_id = $1) and $scope(c)"
                          " order by c.partner_id, c.id",
                          db_text(listing->partner));
    while (!status && (status = db_next(rows, error)) > 0) {
        char expires[CLOCK_INSTANT_MAX];
        clock_write_instant(db_column_integer(rows, 4), expires);
        buffer_format(&listing->text, "%s  %s  %-4s  %-7s  until %s",
                      db_column_text(rows, 0, NULL), db_column_text(rows, 1, NULL),
                      db_column_text(rows, 2, NULL), state_of(rows, listing->now_us), expires);
        if (db_column_integer(rows, 6))
            buffer_format(&listing->text, "  %" PRId64 "/min", db_column_integer(rows, 6));
        buffer_format(&listing->text, "\n    %s: %s\n    SHA-256 %s\n",
                      db_column_text(rows, 7, NULL), db_column_text(rows, 8, NULL),
                      db_column_text(rows, 9, NULL));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static int list(const struct arguments *arguments) {
    struct listing listing = {.partner = arguments->partner, .now_us = clock_now_us()};
    return command_list("certificate", arguments->folder, list_body, &listing, &listing.text);
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
         .help = "add, list: the partner, such as ptr_06fd…", .ret_value = &arguments.partner},
        {.name = "mode", .kind = OPTION_TEXT, .argument = "MODE",
         .help = "add: test or live; what a test certificate makes never counts",
         .ret_value = &arguments.mode},
        {.name = "name", .kind = OPTION_TEXT, .argument = "NAME",
         .help = "add: the system that holds its private key", .ret_value = &arguments.name},
        {.name = "rate-limit", .kind = OPTION_INTEGER, .argument = "N", .default_text = "600",
         .minimum = 0, .maximum = 1000000000,
         .help = "add: requests per minute without a key; 0: without limit",
         .ret_value = &arguments.rate_limit}};
    const int count = sizeof options / sizeof *options;
    if (command_verb_options("certificate", usage, options, count, argc, argv, &operands, &status))
        return status;
    const char *verb = operands.count ? operands.items[0] : "";
    if (strcmp(verb, "add") == 0 && operands.count == 2) return add(&arguments, operands.items[1]);
    if (strcmp(verb, "list") == 0 && operands.count == 1) return list(&arguments);
    if (strcmp(verb, "revoke") == 0 && operands.count == 2)
        return command_revoke("certificate", arguments.folder, operands.items[1],
                              certificate_revoke);
    return misused(&error, "say add FILE, list, or revoke CERTIFICATE_ID");
}

extern const struct command command_certificate;
const struct command command_certificate = {
    .name = "certificate",
    .summary = "register, list and revoke certificates of partners' systems",
    .run = run};
