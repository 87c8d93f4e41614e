/* `koppel product publish`: the operator's own way from a folder to a version. The draft, its
 * approval without a second person and its activation are written at once, and stay on record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/installation.h"
#include "cli/product.h"
#include "domain/calendar_day.h"
#include "domain/draft_activate.h"

struct publishing {
    struct product_folder folder;
    const char *from; /* NULL: today */
    struct draft draft;
    struct activation activation;
    struct draft_deed deed;
    struct problems problems;
    struct product_proof proof;
};

static int publish_body(struct db_tx *tx, void *context, struct error *error) {
    const struct publishing *publishing = context;
    return draft_publish(tx, &publishing->draft, &publishing->activation, &publishing->deed,
                         error);
}

static int succeeds(struct db *db, struct publishing *publishing, struct error *error) {
    struct catalogue *catalogue = NULL;
    int status = catalogue_new(db, error, &catalogue);
    if (status) return status;
    memset(&publishing->problems, 0, sizeof publishing->problems);
    status = product_succeeds(catalogue, publishing->proof.product, publishing->from,
                              &publishing->problems, error);
    catalogue_free(catalogue);
    product_problems_print(&publishing->problems);
    return status;
}

static int publish(const struct activation_place *place, struct publishing *publishing,
                   struct error *error) {
    struct db *db = place->db;
    const struct product_files *files = &publishing->folder.files;
    struct draft_request request = {.files = files,
                                    .effective_from = publishing->from,
                                    .by = publishing->deed.by,
                                    .now_us = publishing->deed.now_us};
    int status = succeeds(db, publishing, error);
    if (!status) status = draft_make(&request, &publishing->problems, error, &publishing->draft);
    if (!status)
        status = activation_of_files(place, files, product_info(publishing->proof.product),
                                     publishing->from, error, &publishing->activation);
    if (!status) status = db_write(db, &db_scope_all, publish_body, publishing, error);
    if (!status)
        status = product_version_tell(db, "published", &publishing->activation.version, error);
    return status;
}

/* Proves the folder; EXIT_FAILED when it is not sound, which is said then. */
static int prove(const char *path, struct publishing *publishing, struct error *error) {
    int status = product_folder_read(path, error, &publishing->folder);
    if (status) return status;
    status = product_files_prove(&publishing->folder.files, publishing->deed.now_us,
                                 &publishing->problems, error, &publishing->proof);
    if (!status || status == ERROR_INVALID)
        product_proof_print(path, &publishing->proof, &publishing->problems);
    return status == ERROR_INVALID ? EXIT_FAILED : status;
}

static int run(const char *path, const char *data, struct publishing *publishing) {
    struct error error = {0};
    struct installation installation = {0};
    int status = prove(path, publishing, &error);
    if (status > 0) return status;
    if (!status) status = installation_open(data, &error, &installation);
    if (!status) {
        const struct activation_place place = {
            .db = installation.db, .encrypts = *installation.config.encryption_keys != '\0'};
        status = publish(&place, publishing, &error);
        installation_close(&installation);
    }
    return status ? command_fail("product", &error) : EXIT_DONE;
}

int product_part_publish(int argc, char **argv) {
    const char *data = NULL, *from = NULL, *by = NULL;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation, made by koppel init", .ret_value = &data},
        {.name = "from", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "in force from this date on, as 2026-12-31; without it today",
         .ret_value = &from},
        {.name = "by", .kind = OPTION_TEXT, .argument = "NAME",
         .help = "who does it; without it the operating system's name of the user",
         .ret_value = &by}};
    struct option_operands operands;
    struct error error = {0};
    struct value_date date;
    char who[DRAFT_BY_MAX];
    int status;
    if (command_options("product", "product publish DIR --data DIR [--from DATE] [--by NAME]",
                        options, sizeof options / sizeof *options, 1, argc, argv, &operands,
                        &status))
        return status;
    if (from && !day_read(from, &date))
        error_set(&error, ERROR_INVALID, "%.60s is no date: write it as 2026-12-31", from);
    if (error.code || product_operator(by, &error, who))
        return command_misused("product", &error);
    struct publishing *publishing = calloc(1, sizeof *publishing);
    if (!publishing) {
        error_set(&error, ERROR_NO_MEMORY, "no memory for a product");
        return command_fail("product", &error);
    }
    publishing->from = from;
    publishing->deed = (struct draft_deed){
        .by = who, .note = "published by command", .now_us = clock_now_us()};
    status = run(operands.items[0], data, publishing);
    product_free(publishing->proof.product);
    product_folder_done(&publishing->folder);
    free(publishing);
    return status;
}
