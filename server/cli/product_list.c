/* `koppel product list` and `koppel product show`: drafts and versions, with who and when, and the
 * files of one. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/installation.h"
#include "cli/product.h"
#include "domain/document.h"
#include "domain/edition.h"

enum { LISTED_MAX = 5000 };

static void events_print(const struct draft_events *events) {
    for (int i = 0; i < events->count; i++) {
        const struct draft_event *event = &events->items[i];
        char at[CLOCK_INSTANT_MAX];
        clock_write_instant(event->at_us, at);
        printf("        %-9s  %s  %s%s", event->event, at, event->by,
               event->override ? ", without a second person" : "");
        if (*event->note) printf(": %s", event->note);
        printf("\n");
    }
}

/* ---- list ----------------------------------------------------------------------------------- */
struct listing {
    const char *product;
    struct edition *editions;
    struct draft_events *events; /* of each */
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    int status = edition_list_read(tx, listing->product, LISTED_MAX, error, listing->editions,
                                   &listing->count);
    free(listing->events); /* of an earlier run of this body */
    listing->events = calloc((size_t)listing->count + 1, sizeof *listing->events);
    if (!listing->events) return error_set(error, ERROR_NO_MEMORY, "no memory for the list");
    for (int i = 0; !status && i < listing->count; i++)
        if (*listing->editions[i].draft_id)
            status = draft_events_read(tx, listing->editions[i].draft_id, error,
                                       &listing->events[i]);
    return status;
}

/* Does the other version stand before this one, on the days that this one is for? */
static bool stands_before(const struct edition *other, const struct edition *edition,
                          const char *today) {
    if (!other->number || other == edition || strcmp(other->product, edition->product) != 0)
        return false;
    int order = strcmp(other->effective_from, edition->effective_from);
    if (order == 0) return other->number > edition->number;
    return order > 0 && strcmp(other->effective_from, today) <= 0;
}

static const char *state_of(const struct listing *listing, const struct edition *edition,
                            const char *today) {
    if (!edition->number) return draft_state_text(edition->state);
    for (int i = 0; i < listing->count; i++)
        if (stands_before(&listing->editions[i], edition, today)) return "superseded";
    return strcmp(edition->effective_from, today) > 0 ? "to come" : "in force";
}

static void list_print(const struct listing *listing) {
    char today[CLOCK_DATE_MAX];
    clock_amsterdam_date_text(clock_now_us(), today);
    for (int i = 0; i < listing->count; i++) {
        const struct edition *edition = &listing->editions[i];
        char what[24] = "draft";
        if (i == 0 || strcmp(edition->product, listing->editions[i - 1].product) != 0)
            printf("%s\n", edition->product);
        if (edition->number) snprintf(what, sizeof what, "version %d", edition->number);
        printf("    %-11s  %-10s  from %-10s  interface %d  hash %.12s  %s\n", what,
               state_of(listing, edition, today),
               *edition->effective_from ? edition->effective_from : "activation",
               edition->interface, edition->hash, edition->id);
        events_print(&listing->events[i]);
        if (!listing->events[i].count) {
            char known[CLOCK_INSTANT_MAX];
            clock_write_instant(edition->known_from_us, known);
            printf("        known from %s\n", known);
        }
    }
    if (listing->count == LISTED_MAX) printf("and more: give --product NAME\n");
}

int product_part_list(int argc, char **argv) {
    const char *data = NULL, *product = NULL;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &data},
        {.name = "product", .kind = OPTION_TEXT, .argument = "NAME",
         .help = "only this product", .ret_value = &product}};
    struct option_operands operands;
    struct error error = {0};
    int status;
    if (command_options("product", "product list --data DIR [--product NAME]", options,
                        sizeof options / sizeof *options, 0, argc, argv, &operands, &status))
        return status;
    struct installation installation = {0};
    struct listing listing = {.product = product,
                              .editions = calloc(LISTED_MAX, sizeof *listing.editions)};
    if (!listing.editions) error_set(&error, ERROR_NO_MEMORY, "no memory for the list");
    status = error.code ? error.code : installation_open(data, &error, &installation);
    if (!status) {
        status = db_read(installation.db, &db_scope_all, list_body, &listing, &error);
        installation_close(&installation);
    }
    if (!status && !listing.count)
        status = error_set(&error, ERROR_NOT_FOUND, product ? "there is no product %.60s"
                                                            : "there are no products yet: koppel "
                                                              "product publish makes one%.0s",
                           product ? product : "");
    if (!status) list_print(&listing);
    free(listing.events);
    free(listing.editions);
    return status ? command_fail("product", &error) : EXIT_DONE;
}

/* ---- show ----------------------------------------------------------------------------------- */
struct showing {
    struct edition edition;
    struct draft_events events;
    struct version_files files;
};

static int events_body(struct db_tx *tx, void *context, struct error *error) {
    struct showing *showing = context;
    return draft_events_read(tx, showing->edition.draft_id, error, &showing->events);
}

/* Nothing that is there already is touched. */
static int folder_make(const char *path, struct error *error) {
    int entries = 0, status = file_make_folder(path, error);
    DIR *folder = status ? NULL : opendir(path);
    if (status) return status;
    if (!folder) return file_error(error, errno, "read", path);
    while (readdir(folder)) entries++; /* with "." and ".." */
    closedir(folder);
    if (entries <= 2) return 0;
    return error_set(error, ERROR_CONFLICT,
                     "%.300s holds files: name a folder that is new or empty", path);
}

static int files_write(const struct version_files *files, const char *folder,
                       struct error *error) {
    struct product_files names = {.count = files->count};
    char path[PATH_MAX];
    int at;
    memcpy(names.items, files->items, sizeof names.items);
    /* Names from the store become paths: only those of a product's files. */
    int status = product_files_check(&names, error, &at);
    if (!status) status = folder_make(folder, error);
    for (int i = 0; !status && i < files->count; i++) {
        const struct source *file = &files->items[i];
        if (strchr(file->name, '/')) {
            status = file_path(folder, DOCUMENT_FOLDER, sizeof path, error, path);
            if (!status) status = file_make_folder(path, error);
        }
        if (!status) status = file_path(folder, file->name, sizeof path, error, path);
        if (!status) status = file_write(path, file->text, file->length, 0644, error);
    }
    return status;
}

static void show_print(const struct showing *showing, const char *folder) {
    const struct edition *edition = &showing->edition;
    printf("%s ", edition->product);
    if (edition->number) printf("version %d, %s\n", edition->number, edition->id);
    else printf("%s, %s\n", draft_state_text(edition->state), edition->id);
    printf("    interface   %d\n    hash        %s\n    from        %s\n", edition->interface,
           edition->hash,
           *edition->effective_from ? edition->effective_from : "the day of its activation");
    if (edition->number) {
        char known[CLOCK_INSTANT_MAX];
        clock_write_instant(edition->known_from_us, known);
        printf("    known from  %s\n", known);
        if (*edition->draft_id) printf("    draft       %s\n", edition->draft_id);
    }
    events_print(&showing->events);
    for (int i = 0; i < showing->files.count; i++)
        printf("    %9zu  %s\n", showing->files.items[i].length, showing->files.items[i].name);
    if (folder) printf("the files are in %s\n", folder);
}

static int show(struct db *db, const char *text, const char *folder, struct showing *showing,
                struct error *error) {
    int status = edition_find(db, text, error, &showing->edition);
    if (!status && *showing->edition.draft_id)
        status = db_read(db, &db_scope_all, events_body, showing, error);
    if (!status) status = edition_files_read(db, &showing->edition, error, &showing->files);
    if (!status && folder) status = files_write(&showing->files, folder, error);
    if (!status) show_print(showing, folder);
    version_files_done(&showing->files);
    return status;
}

int product_part_show(int argc, char **argv) {
    const char *data = NULL, *folder = NULL;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &data},
        {.name = "files", .kind = OPTION_TEXT, .argument = "DIR",
         .help = "write its files there; a folder that is new or empty", .ret_value = &folder}};
    struct option_operands operands;
    struct error error = {0};
    int status;
    if (command_options("product", "product show ID|HASH|NAME@NUMBER --data DIR [--files DIR]",
                        options, sizeof options / sizeof *options, 1, argc, argv, &operands,
                        &status))
        return status;
    struct installation installation = {0};
    struct showing *showing = calloc(1, sizeof *showing);
    if (!showing) error_set(&error, ERROR_NO_MEMORY, "no memory to show a product");
    status = showing ? installation_open(data, &error, &installation) : error.code;
    if (!status) {
        status = show(installation.db, operands.items[0], folder, showing, &error);
        installation_close(&installation);
    }
    free(showing);
    return status ? command_fail("product", &error) : EXIT_DONE;
}
