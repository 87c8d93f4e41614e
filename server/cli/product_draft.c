/* The steps of a draft: `koppel product check`, `draft`, `approve`, `activate` and `withdraw`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/installation.h"
#include "cli/product.h"
#include "domain/calendar_day.h"
#include "domain/draft_activate.h"

/* The options that steps share. */
#define DATA_OPTION(target)                                                                       \
    {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,                    \
     .help = "the folder of the installation, made by koppel init", .ret_value = &(target)}
#define BY_OPTION(target)                                                                         \
    {.name = "by", .kind = OPTION_TEXT, .argument = "NAME",                                       \
     .help = "who does it; without it the operating system's name of the user",                   \
     .ret_value = &(target)}

static int no_memory(struct error *error) {
    return error_set(error, ERROR_NO_MEMORY, "no memory for a product");
}

/* ---- check ---------------------------------------------------------------------------------- */
static int folder_check(const char *path, struct error *error) {
    struct product_folder folder;
    struct product_proof proof = {0};
    struct problems *problems = calloc(1, sizeof *problems);
    if (!problems) return no_memory(error);
    int status = product_folder_read(path, error, &folder);
    if (status) {
        free(problems);
        return status;
    }
    status = product_files_prove(&folder.files, clock_now_us(), problems, error, &proof);
    if (!status || status == ERROR_INVALID) product_proof_print(path, &proof, problems);
    product_free(proof.product);
    product_folder_done(&folder);
    free(problems);
    return status == ERROR_INVALID ? EXIT_FAILED : status;
}

int product_part_check(int argc, char **argv) {
    struct option_operands operands;
    struct error error = {0};
    int status;
    if (command_options("product", "product check DIR", NULL, 0, 1, argc, argv, &operands,
                        &status))
        return status;
    status = folder_check(operands.items[0], &error);
    return status < 0 ? command_fail("product", &error) : status;
}

/* ---- draft ---------------------------------------------------------------------------------- */
struct drafting {
    struct product_folder folder;
    struct draft draft;
    const char *note;
    struct problems *problems;
    struct product_proof proof;
};

static int draft_body(struct db_tx *tx, void *context, struct error *error) {
    const struct drafting *drafting = context;
    return draft_insert(tx, &drafting->draft, &drafting->folder.files, drafting->note, error);
}

/* What is wrong with it is told, and keeps nobody from handing it in. */
static int draft_tell(const struct drafting *drafting, const char *path) {
    const struct draft *draft = &drafting->draft;
    product_proof_print(path, &drafting->proof, drafting->problems);
    printf("drafted %s: %s, interface %d, hash %.12s, to be in force from %s\n", draft->id,
           draft->product, draft->interface, draft->hash,
           *draft->effective_from ? draft->effective_from : "the day of its activation");
    if (drafting->problems->errors)
        printf("it cannot become active as it is: correct it, and draft it again\n");
    else
        printf("next, by someone else: koppel product approve %s\n", draft->id);
    return EXIT_DONE;
}

static int draft_keep(struct db *db, struct drafting *drafting, struct error *error) {
    struct catalogue *catalogue = NULL;
    struct error unsound = {0};
    int status = catalogue_new(db, error, &catalogue);
    if (status) return status;
    status = draft_prove(catalogue, &drafting->folder.files, drafting->draft.effective_from,
                         drafting->draft.created_us, drafting->problems, &unsound,
                         &drafting->proof);
    catalogue_free(catalogue);
    if (status && status != ERROR_INVALID) return error_set(error, status, "%s", unsound.text);
    return db_write(db, &db_scope_all, draft_body, drafting, error);
}

static int draft_folder(struct db *db, const char *path, struct draft_request *request,
                        struct drafting *drafting, struct error *error) {
    int status = product_folder_read(path, error, &drafting->folder);
    if (status) return status;
    request->files = &drafting->folder.files;
    status = draft_make(request, drafting->problems, error, &drafting->draft);
    if (status) {
        product_problems_print(drafting->problems);
    } else {
        memset(drafting->problems, 0, sizeof *drafting->problems);
        status = draft_keep(db, drafting, error);
    }
    return status;
}

int product_part_draft(int argc, char **argv) {
    const char *data = NULL, *from = NULL, *by = NULL, *note = NULL;
    const struct option options[] = {
        DATA_OPTION(data), BY_OPTION(by),
        {.name = "from", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "to be in force from this date on; without it from the day of its activation",
         .ret_value = &from},
        {.name = "note", .kind = OPTION_TEXT, .argument = "TEXT",
         .help = "what changes and why, for who approves it", .ret_value = &note}};
    struct option_operands operands;
    struct error error = {0};
    struct value_date date;
    char who[DRAFT_BY_MAX];
    int status;
    if (command_options("product",
                        "product draft DIR --data DIR [--from DATE] [--by NAME] [--note TEXT]",
                        options, sizeof options / sizeof *options, 1, argc, argv, &operands,
                        &status))
        return status;
    if (from && !day_read(from, &date))
        error_set(&error, ERROR_INVALID, "%.60s is no date: write it as 2026-12-31", from);
    if (error.code || product_operator(by, &error, who) || draft_note_check(note, &error))
        return command_misused("product", &error);
    struct installation installation = {0};
    struct drafting *drafting = calloc(1, sizeof *drafting);
    struct problems *problems = calloc(1, sizeof *problems);
    struct draft_request request = {
        .effective_from = from, .by = who, .now_us = clock_now_us()};
    status = drafting && problems ? 0 : no_memory(&error);
    if (!status) status = installation_open(data, &error, &installation);
    if (!status) {
        drafting->note = note;
        drafting->problems = problems;
        status = draft_folder(installation.db, operands.items[0], &request, drafting, &error);
        installation_close(&installation);
    }
    status = status ? command_fail("product", &error) : draft_tell(drafting, operands.items[0]);
    if (drafting) {
        product_free(drafting->proof.product);
        product_folder_done(&drafting->folder);
    }
    free(drafting);
    free(problems);
    return status;
}

/* ---- approve and withdraw ------------------------------------------------------------------- */
struct stepping {
    char id[ID_MAX];
    bool withdraw, override;
    struct draft_deed deed;
    struct draft before;
};

static int step_body(struct db_tx *tx, void *context, struct error *error) {
    struct stepping *stepping = context;
    if (stepping->withdraw)
        return draft_withdraw(tx, stepping->id, false, &stepping->deed, error, &stepping->before);
    return draft_approve(tx, stepping->id, false, stepping->override, &stepping->deed, error,
                         &stepping->before);
}

static int step(const char *data, const char *operand, struct stepping *stepping) {
    struct installation installation = {0};
    struct error error = {0};
    struct draft draft;
    int status = installation_open(data, &error, &installation);
    if (!status)
        status = product_draft_find(installation.db, operand, DRAFT_OPEN, &error, &draft);
    if (!status) {
        memcpy(stepping->id, draft.id, sizeof stepping->id);
        status = db_write(installation.db, &db_scope_all, step_body, stepping, &error);
    }
    installation_close(&installation);
    if (status) return command_fail("product", &error);
    printf("%s %s of %s, by %s\n", stepping->withdraw ? "withdrew" : "approved", stepping->id,
           stepping->before.product, stepping->deed.by);
    if (!stepping->withdraw) printf("next: koppel product activate %s\n", stepping->id);
    return EXIT_DONE;
}

int product_part_approve(int argc, char **argv) {
    const char *data = NULL, *by = NULL, *override = NULL;
    const struct option options[] = {
        DATA_OPTION(data), BY_OPTION(by),
        {.name = "override", .kind = OPTION_TEXT, .argument = "REASON",
         .help = "approve without a second person; the reason is kept on record",
         .ret_value = &override}};
    struct option_operands operands;
    struct error error = {0};
    char who[DRAFT_BY_MAX];
    int status;
    if (command_options("product", "product approve ID|HASH --data DIR [--by NAME]"
                        " [--override REASON]", options, sizeof options / sizeof *options, 1, argc,
                        argv, &operands, &status))
        return status;
    if (override && !override[strspn(override, " ")])
        error_set(&error, ERROR_INVALID, "--override needs a reason: it is kept on record");
    if (error.code || product_operator(by, &error, who) || draft_note_check(override, &error))
        return command_misused("product", &error);
    struct stepping stepping = {
        .override = override != NULL,
        .deed = {.by = who, .note = override, .now_us = clock_now_us()}};
    return step(data, operands.items[0], &stepping);
}

int product_part_withdraw(int argc, char **argv) {
    const char *data = NULL, *by = NULL, *reason = NULL;
    const struct option options[] = {
        DATA_OPTION(data), BY_OPTION(by),
        {.name = "reason", .kind = OPTION_TEXT, .argument = "TEXT",
         .help = "why; kept on record", .ret_value = &reason}};
    struct option_operands operands;
    struct error error = {0};
    char who[DRAFT_BY_MAX];
    int status;
    if (command_options("product", "product withdraw ID --data DIR [--by NAME] [--reason TEXT]",
                        options, sizeof options / sizeof *options, 1, argc, argv, &operands,
                        &status))
        return status;
    if (product_operator(by, &error, who) || draft_note_check(reason, &error))
        return command_misused("product", &error);
    struct stepping stepping = {
        .withdraw = true, .deed = {.by = who, .note = reason, .now_us = clock_now_us()}};
    return step(data, operands.items[0], &stepping);
}

/* ---- activate ------------------------------------------------------------------------------- */
struct activating {
    const char *operand;
    struct draft draft;
    struct activation activation;
    struct draft_deed deed;
    struct problems problems;
};

static int activate_body(struct db_tx *tx, void *context, struct error *error) {
    const struct activating *activating = context;
    return draft_activate(tx, activating->draft.id, &activating->activation, &activating->deed,
                          error);
}

static int activate(const struct activation_place *place, struct activating *activating,
                    struct error *error) {
    struct db *db = place->db;
    struct catalogue *catalogue = NULL;
    int status = product_draft_find(db, activating->operand, DRAFT_APPROVED, error,
                                    &activating->draft);
    if (!status) status = catalogue_new(db, error, &catalogue);
    if (status) return status;
    status = activation_of_draft(place, catalogue, &activating->draft, &activating->problems,
                                 error, &activating->activation);
    catalogue_free(catalogue);
    product_problems_print(&activating->problems);
    if (status) return status;
    status = db_write(db, &db_scope_all, activate_body, activating, error);
    if (!status)
        status = product_version_tell(db, "activated", &activating->activation.version, error);
    activation_done(&activating->activation);
    return status;
}

int product_part_activate(int argc, char **argv) {
    const char *data = NULL, *by = NULL;
    const struct option options[] = {DATA_OPTION(data), BY_OPTION(by)};
    struct option_operands operands;
    struct error error = {0};
    char who[DRAFT_BY_MAX];
    int status;
    if (command_options("product", "product activate ID|HASH --data DIR [--by NAME]", options,
                        sizeof options / sizeof *options, 1, argc, argv, &operands, &status))
        return status;
    if (product_operator(by, &error, who)) return command_misused("product", &error);
    struct installation installation = {0};
    struct activating *activating = calloc(1, sizeof *activating);
    status = activating ? installation_open(data, &error, &installation) : no_memory(&error);
    if (!status) {
        activating->operand = operands.items[0];
        activating->deed = (struct draft_deed){.by = who, .now_us = clock_now_us()};
        const struct activation_place place = {
            .db = installation.db, .encrypts = *installation.config.encryption_keys != '\0'};
        status = activate(&place, activating, &error);
        installation_close(&installation);
    }
    free(activating);
    return status ? command_fail("product", &error) : EXIT_DONE;
}
