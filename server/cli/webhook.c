/* koppel webhook: the endpoints of partners as the operator sees them: whose they are, whether they
 * work, and how far behind they are. Partners themselves make and change them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "cli/installation.h"

enum { LISTING_MAX_BYTES = 64 * 1024 * 1024 };

static const char usage[] = "webhook list --data DIR [--partner ID]";

struct listing {
    const char *partner;
    int64_t now_us;
    struct buffer text;
};

/* Columns: id, url, test, enabled, disabled_reason, failing_since_us, name, waiting, oldest,
 * held. */
static void webhook_write(struct listing *listing, struct db_rows *rows) {
    char since[CLOCK_INSTANT_MAX];
    const char *reason = db_column_text(rows, 4, NULL);
    bool enabled = db_column_integer(rows, 3) != 0, failing = !db_column_null(rows, 5);
    buffer_format(&listing->text, "%s  %s  %s%s", db_column_text(rows, 0, NULL),
                  db_column_integer(rows, 2) ? "test" : "live",
                  enabled ? (failing ? "failing" : "enabled") : "disabled: ",
                  enabled || !reason ? "" : reason);
    if (failing) {
        clock_write_instant(db_column_integer(rows, 5), since);
        buffer_format(&listing->text, " since %s", since);
    }
    int64_t waiting = db_column_integer(rows, 7), held = db_column_integer(rows, 9);
    if (waiting)
        buffer_format(&listing->text, "  %" PRId64 " waiting, the oldest for %" PRId64 " s",
                      waiting, (listing->now_us - db_column_integer(rows, 8)) / 1000000);
    if (held) buffer_format(&listing->text, "  %" PRId64 " held", held);
    buffer_format(&listing->text, "\n    %s\n    %s\n", db_column_text(rows, 6, NULL),
                  db_column_text(rows, 1, NULL));
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    struct db_rows *rows = NULL;
    buffer_clear(&listing->text);
    int status = db_query(
        tx, error, &rows,
        "select w.id, w.url, w.test, w.enabled, w.disabled_reason, w.failing_since_us, p.name,"
        " (select count(*) from webhook_message m where m.endpoint_id = w.id"
        " and m.state = 'pending' and $scope(m)),"
        " (select min(m.happened_us) from webhook_message m where m.endpoint_id = w.id"
        " and m.state = 'pending' and $scope(m)),"
        " (select count(*) from webhook_message m where m.endpoint_id = w.id"
        " and m.state = 'held' and $scope(m))"
        " from webhook_endpoint w join partner p on p.id = w.partner_id"
        " where w.deleted_us is null and (cast($1 as text) is null or w.partner_id = $1)"
        " and $scope(w) order by p.name, w.id",
        db_text(listing->partner));
    if (status) return status;
    while ((status = db_next(rows, error)) > 0) webhook_write(listing, rows);
    db_rows_close(rows);
    if (status || listing->text.length || !listing->partner) return status;
    status = db_query(tx, error, &rows, "select 1 from partner p where p.id = $1",
                      db_text(listing->partner));
    if (status) return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status) return status < 0 ? status : 0;
    return error_set(error, ERROR_NOT_FOUND,
                     "there is no partner %.60s: leave --partner out to see all",
                     listing->partner);
}

static int list(const char *folder, const char *partner) {
    struct installation installation = {0};
    struct error error = {0};
    struct listing listing = {.partner = partner, .now_us = clock_now_us()};
    buffer_init(&listing.text, LISTING_MAX_BYTES);
    int status = installation_open(folder, &error, &installation);
    if (!status) status = db_read(installation.db, &db_scope_all, list_body, &listing, &error);
    if (!status && listing.text.failed)
        status = error_set(&error, ERROR_TOO_LARGE, "the list is too long: give --partner ID");
    if (!status)
        fputs(listing.text.length ? listing.text.data : "There are no webhooks.\n", stdout);
    buffer_done(&listing.text);
    installation_close(&installation);
    return status ? command_fail("webhook", &error) : EXIT_DONE;
}

static int run(int argc, char **argv) {
    const char *folder = NULL, *partner = NULL;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &folder},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID",
         .help = "only this partner's, such as ptr_06fd…", .ret_value = &partner}};
    struct option_operands operands;
    struct error error = {0};
    int status;
    if (command_options("webhook", usage, options, 2, 1, argc, argv, &operands, &status))
        return status;
    if (strcmp(operands.items[0], "list") == 0) return list(folder, partner);
    error_set(&error, ERROR_INVALID, "'%.40s' is unknown: use list", operands.items[0]);
    return command_misused("webhook", &error);
}

extern const struct command command_webhook;
const struct command command_webhook = {
    .name = "webhook", .summary = "list partners' webhooks: state and lag", .run = run};
