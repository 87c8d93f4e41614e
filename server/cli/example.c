/* koppel example: prints a demo login, a demo partner's keys and one complete `curl` line that
 * gets a premium back, from DIR/demo.json and the product in force. `make run` ends with it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/installation.h"
#include "domain/answers.h"
#include "domain/catalogue.h"
#include "message/json.h"
#include "message/record.h"

enum {
    DEMO_BYTES_MAX = 1024 * 1024,
    EXAMPLE_BYTES_MAX = 64 * 1024,
    EXAMPLE_SCRATCH_BYTES = 4 * 1024 * 1024
};

struct partner_keys { /* texts of demo.json, in scratch */
    const char *name, *origin, *secret_key, *publishable_key;
    const char *email, *password; /* of a user there */
};

static int demo_read(const struct config *config, struct scratch *scratch, struct error *error,
                     struct partner_keys *ret_keys) {
    char path[CONFIG_VALUE_MAX];
    char *text = NULL;
    size_t length = 0;
    struct json_fault fault;
    struct value demo;
    struct error own = {0}; /* what is said below helps more */
    int status = file_path(config->folder, "demo.json", sizeof path, error, path);
    if (!status) status = file_read(path, DEMO_BYTES_MAX, &own, &text, &length);
    if (!status) status = json_read(text, length, NULL, scratch, &fault, &demo);
    free(text);
    if (status)
        return error_set(error, ERROR_INVALID, "%s is not there or not whole: it is made by "
                         "koppel init --demo", path);
    const struct value *partners = record_get(&demo, "partners");
    if (!partners || partners->kind != VALUE_LIST || partners->length == 0)
        return error_set(error, ERROR_INVALID, "%s names no partner", path);
    const struct value *first = &partners->items[0];
    *ret_keys = (struct partner_keys){
        .name = record_get_text(first, "name", scratch),
        .origin = record_get_text(first, "origin", scratch),
        .secret_key = record_get_text(first, "secret_key", scratch),
        .publishable_key = record_get_text(first, "publishable_key", scratch)};
    const struct value *users = record_get(first, "users");
    if (users && users->kind == VALUE_LIST && users->length > 0) {
        ret_keys->email = record_get_text(&users->items[0], "email", scratch);
        ret_keys->password = record_get_text(&users->items[0], "password", scratch);
    }
    if (!ret_keys->email || !ret_keys->password)
        return error_set(error, ERROR_INVALID, "%s names a partner without users", path);
    if (!ret_keys->name || !ret_keys->origin || !ret_keys->secret_key ||
        !ret_keys->publishable_key)
        return error_set(error, ERROR_INVALID, "%s names a partner without keys", path);
    return 0;
}

/* The request's body: the product's first example. */
static int body_write(struct db *db, const char *product, struct error *error,
                      struct buffer *body) {
    struct catalogue *catalogue = NULL;
    int status = catalogue_new(db, error, &catalogue);
    if (status) return status;
    char today[CLOCK_DATE_MAX];
    int64_t now_us = clock_now_us();
    clock_amsterdam_date_text(now_us, today);
    const struct product_version *version = NULL;
    status = catalogue_find(catalogue, product, today, now_us, error, &version);
    if (!status) {
        buffer_format(body, "{\"product\": \"%s\", \"answers\": ", product);
        answers_write(version, &product_info(version->product)->examples[0], body);
        buffer_char(body, '}');
        catalogue_release(catalogue, version);
    }
    catalogue_free(catalogue);
    if (!status && body->failed) status = error_set(error, ERROR_TOO_LARGE, "it is too large");
    return status;
}

/* In single quotes, as a shell reads it back unchanged. */
static void quoted_print(const char *text) {
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'') fputs("'\\''", stdout);
        else putchar(*text);
    }
    putchar('\'');
}

static void example_print(const struct config *config, const char *address,
                          const struct partner_keys *keys, const char *body) {
    printf("  Address           %s/\n"
           "  Log in with       %s\n"
           "  Password          %s\n"
           "  Code              %s user totp --data %s %s\n"
           "  Demo partner      %s\n"
           "  Secret key        %s\n"
           "  Publishable key   %s (from %s)\n"
           "  All partners      %s/demo.json\n"
           "\n"
           "  A premium:\n\n"
           "curl -sS --cacert ",
           address, keys->email, keys->password, program_invocation_name, config->folder,
           keys->email, keys->name, keys->secret_key, keys->publishable_key, keys->origin,
           config->folder);
    quoted_print(config->certificate);
    printf(" %s/api/v1/quotes -H 'Authorization: Bearer %s' "
           "-H 'Content-Type: application/json' -d ",
           address, keys->secret_key);
    quoted_print(body);
    printf("\n");
}

static int run(int argc, char **argv) {
    const char *folder = NULL, *address = NULL, *product = NULL;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of an installation with demo data", .ret_value = &folder},
        {.name = "address", .kind = OPTION_TEXT, .argument = "URL",
         .help = "where it is served; the installation's public address otherwise",
         .ret_value = &address},
        {.name = "product", .kind = OPTION_TEXT, .argument = "NAME", .default_text = "auto",
         .help = "the product to ask a premium of", .ret_value = &product}};
    struct option_operands operands;
    int status;
    if (command_options("example", "example --data DIR [--address URL] [--product NAME]", options,
                        sizeof options / sizeof *options, 0, argc, argv, &operands, &status))
        return status;
    struct error error = {0};
    struct installation installation = {0};
    struct partner_keys keys = {0};
    struct scratch scratch;
    struct buffer body;
    char *memory = malloc(EXAMPLE_SCRATCH_BYTES);
    buffer_init(&body, EXAMPLE_BYTES_MAX);
    status = memory ? 0 : error_set(&error, ERROR_NO_MEMORY, "there is no memory left");
    if (!status) status = installation_open(folder, &error, &installation);
    if (!status) {
        scratch_init(&scratch, memory, EXAMPLE_SCRATCH_BYTES);
        status = demo_read(&installation.config, &scratch, &error, &keys);
        if (!status) status = body_write(installation.db, product, &error, &body);
        if (!status)
            example_print(&installation.config,
                          address ? address : installation.config.public_url, &keys, body.data);
        installation_close(&installation);
    }
    buffer_done(&body);
    free(memory);
    return status ? command_fail("example", &error) : EXIT_DONE;
}

extern const struct command command_example;
const struct command command_example = {
    .name = "example", .summary = "print how to ask for a premium with the demo's keys",
    .run = run};
