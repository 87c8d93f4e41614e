/* koppel key: makes, lists, pins and revokes the API keys of partners and of the organisation's own
 * systems. A key is printed once, when it is made, and kept nowhere. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/key_version.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/encryption.h"
#include "cli/installation.h"

static const char usage[] =
    "usage: koppel key create --data DIR --partner ID --kind secret|publishable|soap\n"
    "                         --mode test|live [--origin ORIGIN …] [--rate-limit N]\n"
    "                         [--expires INSTANT] [--version DATE]\n"
    "       koppel key create --data DIR --kind organisation --name NAME --mode live|test\n"
    "                         [--rate-limit N] [--expires INSTANT] [--version DATE]\n"
    "       koppel key list --data DIR [--partner ID]\n"
    "       koppel key pin --data DIR --version DATE KEY_ID\n"
    "       koppel key revoke --data DIR KEY_ID\n"
    "\n"
    "create prints the key on standard output, once: only its hash is kept. A key of the kind\n"
    "soap is a secret key that proves itself by a digest too (WS-Security UsernameToken with\n"
    "PasswordDigest), with its id as user name and itself as password; for that it is kept,\n"
    "encrypted: take a secret one where that will do. A key of the kind organisation is for a\n"
    "system of the organisation itself: it reaches over all partners, and --name says which\n"
    "system holds it. list shows what is known of all keys, and partners without any. A key\n"
    "is pinned to a version of the JSON API: the newest when it was made, or --version. pin\n"
    "moves it, once its system is built for that version; a request can try another one by its\n"
    "Koppel-Version header. revoke and pin hold within a second everywhere.\n";

struct arguments {
    const char *folder, *partner, *name, *kind, *mode, *expires, *version;
    struct option_list origins;
    int64_t rate_limit;
};

static int misused(struct error *error, const char *text) {
    error_set(error, ERROR_INVALID, "%s", text);
    return command_misused("key", error);
}

/* ---- create --------------------------------------------------------------------------------- */
static int create_options(const struct arguments *arguments, struct key_options *options) {
    struct error error = {0};
    const char *kind = arguments->kind ? arguments->kind : "";
    bool organisation = strcmp(kind, "organisation") == 0, soap = strcmp(kind, "soap") == 0;
    if (!organisation && !arguments->partner)
        return misused(&error, "--partner is missing: whose key is it?");
    if (!organisation && !soap && strcmp(kind, "secret") != 0 && strcmp(kind, "publishable") != 0)
        return misused(&error, "--kind takes secret (for systems), publishable (for websites), "
                               "soap (for systems that send a digest) or organisation (for "
                               "systems of the organisation itself)");
    if (organisation && !arguments->name)
        return misused(&error, "--name is missing: which of the organisation's systems is it for?");
    if (!organisation && arguments->name)
        return misused(&error, "--name goes with --kind organisation: a partner's key has none");
    if (!arguments->mode ||
        (strcmp(arguments->mode, "test") != 0 && strcmp(arguments->mode, "live") != 0))
        return misused(&error, "--mode takes test or live");
    *options = (struct key_options){.partner_id = arguments->partner,
                                    .organisation_name = arguments->name,
                                    .secret = soap || strcmp(kind, "secret") == 0,
                                    .test = strcmp(arguments->mode, "test") == 0,
                                    .origins = arguments->origins.items,
                                    .origin_count = arguments->origins.count,
                                    .rate_limit_per_minute = arguments->rate_limit,
                                    .version = arguments->version};
    if (!arguments->expires) return EXIT_DONE;
    if (!clock_read_instant(arguments->expires, strlen(arguments->expires), &options->expires_us))
        return misused(&error, "--expires takes an instant such as 2027-01-01T00:00:00Z");
    if (options->expires_us <= clock_now_us())
        return misused(&error, "--expires is past: such a key would never work");
    return EXIT_DONE;
}

/* What a key that is to be kept is kept under. */
static int kept_open(const struct config *config, struct error *error,
                     struct encryption **ret_encryption) {
    if (*config->encryption_keys)
        return encryption_open(config->encryption_keys, error, ret_encryption);
    return error_set(error, ERROR_NOT_FOUND,
                     "a key of the kind soap is kept encrypted, and koppel.conf names no file of "
                     "encryption_keys: take away that empty line, and run koppel encryption-key "
                     "rotate");
}

static int create(const struct arguments *arguments) {
    struct key_options options;
    int wrong = create_options(arguments, &options);
    if (wrong) return wrong;
    struct installation installation = {0};
    struct error error = {0};
    struct keys *keys = NULL;
    char id[ID_MAX], key[KEY_TEXT_MAX];
    int status = installation_open_keys(arguments->folder, &error, &installation, &keys);
    bool opened = !status;
    bool kept = !status && strcmp(arguments->kind, "soap") == 0;
    if (kept) status = kept_open(&installation.config, &error, &options.kept_under);
    if (!status) status = keys_create(keys, &options, &error, id, key);
    encryption_free(options.kept_under);
    keys_free(keys);
    installation_close(&installation);
    if (status == ERROR_INVALID && opened) return command_misused("key", &error);
    if (status) return command_fail("key", &error);
    puts(key);
    fprintf(stderr, "koppel key: made %s; keep the key now, it is not shown again\n", id);
    if (kept) fprintf(stderr, "koppel key: user name %s, with the key as its password\n", id);
    explicit_bzero(key, sizeof key);
    return EXIT_DONE;
}

/* ---- list ----------------------------------------------------------------------------------- */
struct listing {
    const char *partner;
    int64_t now_us;
    struct buffer text;
};

enum { LISTING_MAX_BYTES = 64 * 1024 * 1024 };

static const char *key_state(struct db_rows *rows, int64_t now_us) {
    if (!db_column_null(rows, 7)) return "revoked";
    int64_t expires_us = db_column_integer(rows, 6);
    return expires_us && expires_us <= now_us ? "expired" : "active";
}

/* A key's line, from columns 2 to 9: id, kind, mode, prefix, expires_us, revoked_us, rate,
 * version. */
static void key_write(struct listing *listing, struct db_rows *rows) {
    const char *id = db_column_text(rows, 2, NULL), *kind = db_column_text(rows, 3, NULL);
    buffer_format(&listing->text, "    %s  %-12s  %-4s  %-7s  %s…", id, kind,
                  db_column_text(rows, 4, NULL), key_state(rows, listing->now_us),
                  db_column_text(rows, 5, NULL));
    buffer_format(&listing->text, "  v%s", db_column_text(rows, 9, NULL));
    if (db_column_integer(rows, 8))
        buffer_format(&listing->text, "  %" PRId64 "/min", db_column_integer(rows, 8));
    if (!db_column_null(rows, 6)) {
        char expires[CLOCK_INSTANT_MAX];
        clock_write_instant(db_column_integer(rows, 6), expires);
        buffer_format(&listing->text, "  until %s", expires);
    }
    buffer_char(&listing->text, '\n');
}

static int organisation_list(struct listing *listing, struct db_tx *tx, struct error *error) {
    struct db_rows *rows = NULL;
    bool first = true;
    int status = db_query(tx, error, &rows,
                          "select name, null, id, 'organisation', mode, prefix, expires_us,"
                          " revoked_us, rate_limit_per_minute, api_version from organisation_key"
                          " order by id");
    while (!status && (status = db_next(rows, error)) > 0) {
        if (first) buffer_text(&listing->text, "the organisation\n");
        first = false;
        key_write(listing, rows);
        buffer_format(&listing->text, "        %s\n", db_column_text(rows, 0, NULL));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static int partners_list(struct listing *listing, struct db_tx *tx, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(
        tx, error, &rows,
        "select p.id, p.name, k.id, case when c.id is not null then 'certificate'"
        " when s.key_id is not null then 'soap' else k.kind end, k.mode, k.prefix, k.expires_us,"
        " k.revoked_us, k.rate_limit_per_minute, k.api_version, o.origin"
        " from partner p left join api_key k on k.partner_id = p.id and $scope(k)"
        " left join partner_certificate c on c.key_id = k.id and $scope(c)"
        " left join api_key_secret s on s.key_id = k.id"
        " left join api_key_origin o on o.key_id = k.id"
        " where (cast($1 as text) is null or p.id = $1) order by p.name, p.id, k.id, o.origin",
        db_text(listing->partner));
    char partner[ID_MAX] = "", key[ID_MAX] = "";
    while (!status && (status = db_next(rows, error)) > 0) {
        const char *partner_id = db_column_text(rows, 0, NULL);
        if (strcmp(partner, partner_id) != 0) {
            snprintf(partner, sizeof partner, "%s", partner_id);
            buffer_format(&listing->text, "%s  %s\n", partner, db_column_text(rows, 1, NULL));
        }
        const char *key_id = db_column_text(rows, 2, NULL);
        status = 0;
        if (!key_id) {
            buffer_text(&listing->text, "    no keys\n");
            continue;
        }
        if (strcmp(key, key_id) != 0) {
            snprintf(key, sizeof key, "%s", key_id);
            key_write(listing, rows);
        }
        if (!db_column_null(rows, 10))
            buffer_format(&listing->text, "        %s\n", db_column_text(rows, 10, NULL));
    }
    db_rows_close(rows);
    return status;
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    buffer_clear(&listing->text);
    int status = listing->partner ? 0 : organisation_list(listing, tx, error);
    return status ? status : partners_list(listing, tx, error);
}

static int list(const struct arguments *arguments) {
    struct installation installation = {0};
    struct error error = {0};
    struct listing listing = {.partner = arguments->partner, .now_us = clock_now_us()};
    buffer_init(&listing.text, LISTING_MAX_BYTES);
    int status = installation_open(arguments->folder, &error, &installation);
    if (!status) status = db_read(installation.db, &db_scope_all, list_body, &listing, &error);
    if (!status && listing.text.failed)
        status = error_set(&error, ERROR_TOO_LARGE, "the list is too long: give --partner ID");
    if (!status && !listing.text.length)
        status = error_set(&error, ERROR_NOT_FOUND,
                           arguments->partner ? "there is no such partner: leave --partner "
                                                "out to see all"
                                              : "there are no partners yet");
    if (!status) fputs(listing.text.data, stdout);
    buffer_done(&listing.text);
    installation_close(&installation);
    return status ? command_fail("key", &error) : EXIT_DONE;
}

/* ---- pin ------------------------------------------------------------------------------------ */
static int pin(const struct arguments *arguments, const char *key_id) {
    struct installation installation = {0};
    struct error error = {0};
    struct keys *keys = NULL;
    if (!arguments->version)
        return misused(&error, "--version is missing: which version of the API is it to speak?");
    int status = installation_open_keys(arguments->folder, &error, &installation, &keys);
    bool opened = !status;
    if (!status) status = keys_pin(keys, key_id, arguments->version, &error);
    keys_free(keys);
    installation_close(&installation);
    if (status == ERROR_INVALID && opened) return command_misused("key", &error);
    if (status) return command_fail("key", &error);
    printf("%s is pinned to %s\n", key_id, arguments->version);
    return EXIT_DONE;
}

/* ---- the command ---------------------------------------------------------------------------- */
static int options_take(int argc, char **argv, struct arguments *arguments,
                        struct option_operands *operands) {
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &arguments->folder},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID",
         .help = "create, list: the partner, such as ptr_06fd…",
         .ret_value = &arguments->partner},
        {.name = "kind", .kind = OPTION_TEXT, .argument = "KIND",
         .help = "create: secret (for systems), publishable (for websites), soap or organisation",
         .ret_value = &arguments->kind},
        {.name = "name", .kind = OPTION_TEXT, .argument = "NAME",
         .help = "create, of the kind organisation: the system that holds the key",
         .ret_value = &arguments->name},
        {.name = "mode", .kind = OPTION_TEXT, .argument = "MODE",
         .help = "create: test or live; what a test key makes never counts",
         .ret_value = &arguments->mode},
        {.name = "origin", .kind = OPTION_LIST, .argument = "ORIGIN",
         .help = "create: a website that a publishable key works from; may be repeated",
         .ret_value = &arguments->origins},
        {.name = "rate-limit", .kind = OPTION_INTEGER, .argument = "N", .default_text = "600",
         .minimum = 0, .maximum = 1000000000,
         .help = "create: requests per minute; 0: without limit",
         .ret_value = &arguments->rate_limit},
        {.name = "version", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "create, pin: the version of the JSON API that the key speaks, such as 2026-11-23",
         .ret_value = &arguments->version},
        {.name = "expires", .kind = OPTION_TEXT, .argument = "INSTANT",
         .help = "create: from when it is refused, such as 2027-01-01T00:00:00Z",
         .ret_value = &arguments->expires}};
    int status;
    const int count = sizeof options / sizeof *options;
    return command_verb_options("key", usage, options, count, argc, argv, operands, &status)
               ? status
               : -1;
}

static int run(int argc, char **argv) {
    struct arguments arguments = {0};
    struct option_operands operands = {0};
    struct error error = {0};
    int status = options_take(argc, argv, &arguments, &operands);
    if (status >= 0) return status;
    const char *verb = operands.count ? operands.items[0] : "";
    if (strcmp(verb, "create") == 0 && operands.count == 1) return create(&arguments);
    if (strcmp(verb, "list") == 0 && operands.count == 1) return list(&arguments);
    if (strcmp(verb, "revoke") == 0 && operands.count == 2)
        return command_revoke("key", arguments.folder, operands.items[1], keys_revoke);
    if (strcmp(verb, "pin") == 0 && operands.count == 2)
        return pin(&arguments, operands.items[1]);
    return misused(&error, "say create, list, pin KEY_ID, or revoke KEY_ID");
}

extern const struct command command_key;
const struct command command_key = {
    .name = "key", .summary = "make, list, pin and revoke API keys", .run = run};
