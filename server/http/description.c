/* One thread makes a document and the others that want it wait: it takes some milliseconds, a few
 * times a day. Whoever sends one holds it, so that another may take its place meanwhile. */
#include "description.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/catalogue.h"
#include "domain/product_describe.h"
#include "domain/value_keep.h"
#include "message/api_version.h"
#include "operation/operation.h"

enum { PRODUCTS_SCRATCH_BYTES = 48 * 1024 * 1024, TAG_LENGTH = 32 };

struct descriptions {
    pthread_mutex_t lock;
    struct description *current[API_VERSIONS_MAX][LANGUAGE_COUNT];
};

struct descriptions *descriptions_new(void) {
    struct descriptions *descriptions = calloc(1, sizeof *descriptions);
    if (descriptions) pthread_mutex_init(&descriptions->lock, NULL);
    return descriptions;
}

static void description_free(struct description *description) {
    if (!description) return;
    free(description->text);
    free(description);
}

void descriptions_free(struct descriptions *descriptions) {
    if (!descriptions) return;
    for (int i = 0; i < API_VERSIONS_MAX; i++)
        for (int j = 0; j < LANGUAGE_COUNT; j++) description_free(descriptions->current[i][j]);
    pthread_mutex_destroy(&descriptions->lock);
    free(descriptions);
}

/* ---- products ------------------------------------------------------------------------------- */
struct products {
    struct product_interface known[OPENAPI_INTERFACES_MAX + 1];
    struct openapi_interface items[OPENAPI_INTERFACES_MAX];
    int count;
    struct scratch scratch;
    char memory[]; /* PRODUCTS_SCRATCH_BYTES */
};

/* ERROR_TOO_LARGE: scratch is used up. Else the catalogue's. */
static int interface_read(struct catalogue *catalogue, const struct product_interface *interface,
                          enum language language, struct scratch *scratch,
                          struct openapi_interface *ret_interface) {
    const struct product_version *version = NULL;
    struct error error = {0};
    struct openapi_interface made = {.product = interface->product, .number = interface->number,
                                     .deprecated = interface->replaced_us != 0};
    int status =
        catalogue_interface(catalogue, interface->product, interface->number, &error, &version);
    if (status) return status;
    status = product_describe_interface(version, language, scratch, &made.answers,
                                        &made.acceptance);
    if (!status && !(value_keep(scratch, &made.answers) && value_keep(scratch, &made.acceptance)))
        status = ERROR_TOO_LARGE;
    catalogue_release(catalogue, version);
    if (!status) *ret_interface = made;
    return status;
}

static int products_read(struct catalogue *catalogue, enum language language,
                         struct products *products) {
    int count = catalogue_interfaces(catalogue, clock_now_us(), products->known,
                                     OPENAPI_INTERFACES_MAX + 1);
    scratch_init(&products->scratch, products->memory, PRODUCTS_SCRATCH_BYTES);
    products->count = 0;
    if (count > OPENAPI_INTERFACES_MAX) return ERROR_TOO_LARGE;
    for (int i = 0; i < count; i++) {
        int status = interface_read(catalogue, &products->known[i], language, &products->scratch,
                                    &products->items[products->count]);
        if (status == ERROR_NOT_FOUND) continue; /* found broken since it was listed */
        if (status) return status;
        products->count++;
    }
    return 0;
}

/* ---- the document --------------------------------------------------------------------------- */
/* False: no memory, or too large. */
static bool write_document(const char *public_url, int version, enum language language,
                           const struct products *products, struct description *description) {
    struct buffer text;
    buffer_init(&text, OPENAPI_MAX_BYTES);
    openapi_write(public_url, language, version, products->items, products->count, &text);
    if (text.failed || !text.data) {
        buffer_done(&text);
        return false;
    }
    hash_sha256_hex(text.data, text.length, description->tag);
    description->tag[TAG_LENGTH] = '\0';
    description->text = text.data; /* the description's from here */
    description->length = text.length;
    return true;
}

static bool fill(struct service *service, const char *public_url, int version,
                 enum language language, struct description *description) {
    struct products *products = malloc(sizeof *products + PRODUCTS_SCRATCH_BYTES);
    if (!products) return false;
    int status = products_read(service->catalogue, language, products);
    bool made = !status && write_document(public_url, version, language, products, description);
    if (!made && (!status || status == ERROR_TOO_LARGE)) {
        log_event(LOG_WARNING, "openapi_without_products", "reason",
                  "more of them than the document can hold", NULL);
        products->count = 0;
        made = write_document(public_url, version, language, products, description);
    }
    free(products);
    return made;
}

/* The lock is held. */
static void let_go(struct description *description) {
    if (description->replaced && description->holders == 0) description_free(description);
}

/* The lock is held. What cannot be made now leaves what is there. */
static void renew(struct descriptions *descriptions, struct service *service,
                  const char *public_url, int version, enum language language) {
    struct description **current = &descriptions->current[version][language];
    struct description made = {.stamp = catalogue_stamp(service->catalogue)};
    clock_amsterdam_date_text(clock_now_us(), made.date);
    if (*current && (*current)->stamp == made.stamp && strcmp((*current)->date, made.date) == 0)
        return;
    struct description *description = malloc(sizeof *description);
    if (!description || !fill(service, public_url, version, language, &made)) {
        free(description);
        return;
    }
    *description = made;
    if (*current) {
        (*current)->replaced = true;
        let_go(*current);
    }
    *current = description;
}

const struct description *description_hold(struct descriptions *descriptions,
                                           struct service *service, const char *public_url,
                                           int version, enum language language) {
    pthread_mutex_lock(&descriptions->lock);
    renew(descriptions, service, public_url, version, language);
    struct description *description = descriptions->current[version][language];
    if (description) description->holders++;
    pthread_mutex_unlock(&descriptions->lock);
    return description;
}

void description_release(struct descriptions *descriptions,
                         const struct description *description) {
    struct description *held = (struct description *)description; /* it was made here */
    pthread_mutex_lock(&descriptions->lock);
    held->holders--;
    let_go(held);
    pthread_mutex_unlock(&descriptions->lock);
}
