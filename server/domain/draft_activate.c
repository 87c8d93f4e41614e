/* Proves drafts and makes versions of them. */
#include "domain/draft_activate.h"

#include <stdio.h>
#include <string.h>

#include "domain/draft_inside.h"
#include "domain/quote_answers.h"

int draft_prove(struct catalogue *catalogue, const struct product_files *files,
                const char *effective_from, int64_t now_us, struct problems *problems,
                struct error *error, struct product_proof *ret_proof) {
    const char *from = effective_from && *effective_from ? effective_from : NULL;
    struct product_proof proof = {0};
    struct error unsound = {0};
    int status = product_files_prove(files, now_us, problems, &unsound, &proof);
    if (status && status != ERROR_INVALID) {
        product_free(proof.product);
        return error_set(error, unsound.code, "%s", unsound.text);
    }
    if (proof.product) {
        int succeeds = product_succeeds(catalogue, proof.product, from, problems, &unsound);
        if (succeeds && succeeds != ERROR_INVALID) {
            product_free(proof.product);
            return error_set(error, unsound.code, "%s", unsound.text);
        }
        if (!status) status = succeeds;
    }
    *ret_proof = proof;
    return status ? error_set(error, status, "%s", unsound.text) : 0;
}

void activation_done(struct activation *activation) {
    version_files_done(&activation->kept);
}

static int no_keys(const struct product_info *info, struct error *error) {
    return error_set(error, ERROR_INTERNAL,
                     "koppel.conf names no encryption_keys, and %s asks for what is kept "
                     "encrypted: name a file there and make it with koppel encryption-key rotate",
                     info->name);
}

int activation_of_files(const struct activation_place *place, const struct product_files *files,
                        const struct product_info *info, const char *effective_from,
                        struct error *error, struct activation *ret_activation) {
    char today[CLOCK_DATE_MAX];
    struct product_version version;
    int64_t now_us = clock_now_us();
    int number = 0;
    if (!place->encrypts && quote_answers_any_sensitive(info))
        return no_keys(info, error);
    clock_amsterdam_date_text(now_us, today);
    struct publication publication = {
        .files = files,
        .product = info->name,
        .interface = info->interface,
        .effective_from = effective_from && *effective_from ? effective_from : today,
        .known_from_us = now_us};
    int status = version_make(&publication, error, &version);
    if (!status) status = version_place_check(place->db, &version, today, error, &number);
    if (status) return status;
    version.number = number;
    *ret_activation = (struct activation){.files = *files, .version = version};
    return 0;
}

/* The files as they were drafted: what was approved is what goes live. */
static int files_of(const struct draft *draft, const struct version_files *kept,
                    struct error *error, struct product_files *ret_files) {
    struct product_files files = {.count = kept->count};
    memcpy(files.items, kept->items, sizeof files.items);
    int status = product_files_hash(&files, error);
    if (status) return status;
    if (strcmp(files.hash, draft->hash) != 0)
        return error_set(error, ERROR_INTERNAL,
                         "the files of %s in the store are not those that were drafted",
                         draft->id);
    *ret_files = files;
    return 0;
}

static int draft_make_ready(const struct activation_place *place, struct catalogue *catalogue,
                            const struct draft *draft, const struct version_files *kept,
                            struct problems *problems, struct error *error,
                            struct activation *activation) {
    struct product_files files;
    struct product_proof proof = {0};
    int status = files_of(draft, kept, error, &files);
    if (!status)
        status = draft_prove(catalogue, &files, draft->effective_from, clock_now_us(), problems,
                             error, &proof);
    if (!status)
        status = activation_of_files(place, &files, product_info(proof.product),
                                     draft->effective_from, error, activation);
    product_free(proof.product);
    return status;
}

int activation_of_draft(const struct activation_place *place, struct catalogue *catalogue,
                        const struct draft *draft, struct problems *problems,
                        struct error *error, struct activation *ret_activation) {
    struct version_files kept = {0};
    struct activation activation = {0};
    if (draft->state != DRAFT_APPROVED || draft->test)
        return error_set(error, ERROR_CONFLICT,
                         "%s of %s is %s: only an approved one becomes active", draft->id,
                         draft->product,
                         draft->test                  ? "made with a test key"
                         : draft->state == DRAFT_OPEN ? "not approved yet"
                                                      : draft_state_text(draft->state));
    int status = draft_files_read(place->db, draft->id, error, &kept);
    if (!status)
        status = draft_make_ready(place, catalogue, draft, &kept, problems, error, &activation);
    activation.kept = kept;
    if (status) activation_done(&activation);
    else *ret_activation = activation;
    return status;
}

int draft_activate(struct db_tx *tx, const char *id, const struct activation *activation,
                   const struct draft_deed *deed, struct error *error) {
    struct product_version version = activation->version;
    int status = version_insert(tx, &activation->files, &version, error);
    return status ? status : draft_activated(tx, id, deed, version.id, error);
}

int draft_publish(struct db_tx *tx, const struct draft *draft,
                  const struct activation *activation, const struct draft_deed *deed,
                  struct error *error) {
    struct draft active = *draft;
    struct product_version version = activation->version;
    struct draft_deed silent = {.by = deed->by, .now_us = deed->now_us};
    active.state = DRAFT_ACTIVE;
    memcpy(active.version_id, version.id, sizeof active.version_id);
    int status = version_insert(tx, &activation->files, &version, error);
    if (!status) status = draft_rows_insert(tx, &active, &activation->files, NULL, error);
    if (!status) status = draft_event_insert(tx, active.id, "approved", true, deed, error);
    return status ? status
                  : draft_event_insert(tx, active.id, "activated", false, &silent, error);
}
