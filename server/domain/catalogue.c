/* The published versions in memory. Versions are only ever added, so entries stay where they are;
 * what comes and goes is the compiled product of an old version, which is compiled when a quote
 * made under it is read or explained, and given up again when COMPILED_MAX are held.
 *
 * A version that does not compile (the program changed, or the store was tampered with) is logged
 * once and passed over: the version before it stays in force. */
#include "domain/catalogue.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/refresher.h"
#include "domain/calendar_day.h"
#include "domain/catalogue_store.h"
#include "domain/product_folder.h"

enum {
    COMPILED_MAX = 600,    /* products held compiled, unless more are in use at once */
    REFRESH_AGAIN_MS = 100 /* before a refresh that was asked for is asked for again */
};

enum entry_state { ENTRY_UNCOMPILED, ENTRY_COMPILING, ENTRY_READY, ENTRY_BROKEN };

struct entry {
    struct product_version version; /* first: a version is its entry */
    enum entry_state state;
    int holders;
    int64_t used_ms;
};

struct catalogue {
    struct db *db;
    pthread_mutex_t mutex;  /* guards all below but the entries' compiled products */
    pthread_cond_t changed; /* an entry left ENTRY_COMPILING */
    struct entry **entries; /* room for CATALOGUE_VERSIONS_MAX */
    int count, compiled, broken;
    pthread_mutex_t refresh; /* held by the one who asks the store */
    int64_t stored;          /* versions in the store at the last look */
    int64_t refreshed_ms, due_ms; /* when it was asked, and when that was last said to be due */
    struct refresher *refresher;  /* set once */
};

/* ---- the list ------------------------------------------------------------------------------- */
static struct entry *entry_by_id(const struct catalogue *catalogue, const char *id) {
    for (int i = catalogue->count - 1; i >= 0; i--)
        if (strcmp(catalogue->entries[i]->version.id, id) == 0) return catalogue->entries[i];
    return NULL;
}

/* False when there was no memory for some: the next look tries again. */
static bool entries_add(struct catalogue *catalogue, const struct version_list *list) {
    for (int i = 0; i < list->count; i++) {
        if (entry_by_id(catalogue, list->items[i].id)) continue;
        if (catalogue->count == CATALOGUE_VERSIONS_MAX) {
            log_event(LOG_ERROR, "too_many_product_versions", "left_out", list->items[i].id, NULL);
            return true;
        }
        struct entry *entry = calloc(1, sizeof *entry);
        if (!entry) return false;
        entry->version = list->items[i];
        catalogue->entries[catalogue->count++] = entry;
    }
    return true;
}

/* Asks the store for versions that are not here yet. The refresh mutex is held. */
static int refresh_locked(struct catalogue *catalogue, struct error *error) {
    struct version_list list = {0};
    int64_t started_ms = clock_monotonic_ms();
    int status = version_list_read(catalogue->db, catalogue->stored, error, &list);
    pthread_mutex_lock(&catalogue->mutex);
    if (!status && entries_add(catalogue, &list)) catalogue->stored = list.stored;
    /* Also after a failure: a store that is down is not asked by every call. */
    catalogue->refreshed_ms = started_ms;
    pthread_mutex_unlock(&catalogue->mutex);
    free(list.items);
    return status;
}

static int64_t refresh_age_ms(struct catalogue *catalogue) {
    pthread_mutex_lock(&catalogue->mutex);
    int64_t age_ms = clock_monotonic_ms() - catalogue->refreshed_ms;
    pthread_mutex_unlock(&catalogue->mutex);
    return age_ms;
}

/* One looks for all; who comes meanwhile waits for it. */
static void refresh_older(struct catalogue *catalogue, int64_t limit_ms) {
    struct error error = {0};
    pthread_mutex_lock(&catalogue->refresh);
    if (refresh_age_ms(catalogue) >= limit_ms && refresh_locked(catalogue, &error))
        log_event(LOG_ERROR, "catalogue_refresh_failed", "error", error.text, NULL);
    pthread_mutex_unlock(&catalogue->refresh);
}

static void refresh_aside(void *context, const void *item) {
    (void)item;
    refresh_older(context, CATALOGUE_REFRESH_MS);
}

/* Callers go on with what is known unless that is too old. */
static void refresh(struct catalogue *catalogue) {
    pthread_mutex_lock(&catalogue->mutex);
    int64_t now_ms = clock_monotonic_ms(), age_ms = now_ms - catalogue->refreshed_ms;
    bool due = age_ms >= CATALOGUE_REFRESH_MS && now_ms - catalogue->due_ms >= REFRESH_AGAIN_MS;
    if (due) catalogue->due_ms = now_ms;
    pthread_mutex_unlock(&catalogue->mutex);
    if (age_ms >= CATALOGUE_AGE_MS) refresh_older(catalogue, CATALOGUE_AGE_MS);
    else if (due) (void)refresher_ask(catalogue->refresher, "");
}

void catalogue_refresh(struct catalogue *catalogue) {
    refresh_older(catalogue, 0);
}

/* ---- compiling ------------------------------------------------------------------------------ */
static void compile_failed(const struct product_version *version, const char *place,
                           const char *text) {
    char number[16];
    snprintf(number, sizeof number, "%d", version->number);
    log_event(LOG_ERROR, "product_version_unusable", "product", version->name, "number", number,
              "version_id", version->id, "place", place, "error", text, NULL);
}

/* Are these the bytes that were published? Only they were checked against the schema of products:
 * others could be anything. */
static int files_intact(const struct product_version *version, const struct version_files *files,
                        struct error *error) {
    struct product_files published = {.count = files->count};
    memcpy(published.items, files->items, sizeof published.items);
    int status = product_files_hash(&published, error);
    if (status || strcmp(published.hash, version->hash) == 0) return status;
    compile_failed(version, "", "its files in the store are not those that were published");
    return error_set(error, ERROR_INVALID, "the files of version %d of %s were changed",
                     version->number, version->name);
}

/* What is made of a version's files. */
struct loaded {
    struct product *product;
    struct question_fields fields, acceptance;
};

static int describe(struct loaded *loaded, struct error *error) {
    const struct product_info *info = product_info(loaded->product);
    if (question_fields_make(info, &loaded->fields) &&
        question_fields_make_acceptance(info, &loaded->acceptance))
        return 0;
    question_fields_done(&loaded->fields);
    product_free(loaded->product);
    loaded->product = NULL;
    return error_set(error, ERROR_NO_MEMORY, "no memory to describe a product");
}

static void version_undo(struct product_version *version) {
    question_fields_done(&version->fields);
    question_fields_done(&version->acceptance);
    version->product = NULL;
}

/* ERROR_INVALID: its files do not compile, now or later. Else the store's error. */
static int version_load(struct catalogue *catalogue, const struct product_version *version,
                        struct error *error, struct loaded *ret_loaded) {
    struct version_files files = {0};
    int status = version_files_read(catalogue->db, version->id, error, &files);
    if (!status) status = files_intact(version, &files, error);
    if (status) {
        version_files_done(&files);
        return status;
    }
    struct problems *problems = calloc(1, sizeof *problems);
    if (!problems) {
        version_files_done(&files);
        return error_set(error, ERROR_NO_MEMORY, "no memory to compile a product");
    }
    struct loaded loaded = {0};
    int compiled = version_compile(&files, problems, &loaded.product);
    if (compiled == QUOTE_NO_MEMORY) {
        status = error_set(error, ERROR_NO_MEMORY, "no memory to compile a product");
    } else if (compiled) {
        const struct problem *first = &problems->items[0];
        for (int i = 0; i < problems->count && first->warning; i++) first = &problems->items[i];
        compile_failed(version, first->place, first->text);
        status = error_set(error, ERROR_INVALID, "version %d of %s does not compile: %.200s",
                           version->number, version->name, first->text);
    } else {
        status = describe(&loaded, error);
    }
    if (!status) *ret_loaded = loaded;
    version_files_done(&files);
    free(problems);
    return status;
}

/* Gives up the compiled product that was not used for longest. The mutex is held. */
static struct product *evict(struct catalogue *catalogue) {
    struct entry *oldest = NULL;
    if (catalogue->compiled < COMPILED_MAX) return NULL;
    for (int i = 0; i < catalogue->count; i++) {
        struct entry *entry = catalogue->entries[i];
        if (entry->state == ENTRY_READY && !entry->holders &&
            (!oldest || entry->used_ms < oldest->used_ms))
            oldest = entry;
    }
    if (!oldest) return NULL;
    struct product *product = (struct product *)oldest->version.product;
    version_undo(&oldest->version);
    oldest->state = ENTRY_UNCOMPILED;
    catalogue->compiled--;
    return product;
}

/* Takes hold of the entry, compiled. The mutex is held, and let go of while compiling.
 * ERROR_INVALID: it is broken. */
static int entry_hold(struct catalogue *catalogue, struct entry *entry, struct error *error) {
    int status = 0;
    entry->holders++;
    while (entry->state == ENTRY_COMPILING)
        pthread_cond_wait(&catalogue->changed, &catalogue->mutex);
    if (entry->state == ENTRY_BROKEN)
        status = error_set(error, ERROR_INVALID, "version %d of %s does not compile",
                           entry->version.number, entry->version.name);
    if (entry->state == ENTRY_UNCOMPILED) {
        struct product *given_up = evict(catalogue);
        struct loaded loaded = {0};
        entry->state = ENTRY_COMPILING;
        pthread_mutex_unlock(&catalogue->mutex);
        product_free(given_up);
        status = version_load(catalogue, &entry->version, error, &loaded);
        pthread_mutex_lock(&catalogue->mutex);
        entry->version.product = loaded.product;
        entry->version.fields = loaded.fields;
        entry->version.acceptance = loaded.acceptance;
        entry->state = !status                    ? ENTRY_READY
                       : status == ERROR_INVALID ? ENTRY_BROKEN
                                                 : ENTRY_UNCOMPILED;
        if (!status) catalogue->compiled++;
        if (entry->state == ENTRY_BROKEN) catalogue->broken++;
        pthread_cond_broadcast(&catalogue->changed);
    }
    entry->used_ms = clock_monotonic_ms();
    if (status) entry->holders--;
    return status;
}

/* ---- finding -------------------------------------------------------------------------------- */
/* Does `a` take precedence over `b`? */
static bool newer(const struct product_version *a, const struct product_version *b) {
    int order = strcmp(a->effective_from, b->effective_from);
    return order ? order > 0 : a->number > b->number;
}

/* Was it published by then? The moment of its publication cannot lie ahead, unless the clock was
 * set back since, or another node's is behind: it is there, so that it is known. */
static bool known(const struct product_version *version, int64_t known_at_us) {
    return version->known_from_us <= known_at_us || version->known_from_us > clock_now_us();
}

/* The best version that was not found broken. The mutex is held. */
static struct entry *best(const struct catalogue *catalogue, const char *product,
                          const char *effective_date, int64_t known_at_us) {
    struct entry *found = NULL;
    for (int i = 0; i < catalogue->count; i++) {
        struct entry *entry = catalogue->entries[i];
        const struct product_version *version = &entry->version;
        if (entry->state == ENTRY_BROKEN || !known(version, known_at_us) ||
            strcmp(version->effective_from, effective_date) > 0 ||
            strcmp(version->name, product) != 0)
            continue;
        if (!found || newer(version, &found->version)) found = entry;
    }
    return found;
}

int catalogue_find(struct catalogue *catalogue, const char *product, const char *effective_date,
                   int64_t known_at_us, struct error *error,
                   const struct product_version **ret_version) {
    refresh(catalogue);
    pthread_mutex_lock(&catalogue->mutex);
    struct entry *entry;
    struct error cause;
    int status;
    do {
        cause = (struct error){0};
        entry = best(catalogue, product, effective_date, known_at_us);
        status = entry ? entry_hold(catalogue, entry, &cause) : ERROR_NOT_FOUND;
    } while (status == ERROR_INVALID);
    pthread_mutex_unlock(&catalogue->mutex);
    if (!entry)
        return error_set(error, ERROR_NOT_FOUND, "no version of '%.60s' holds on %.16s", product,
                         effective_date);
    if (status) return error_set(error, cause.code, "%s", cause.text);
    *ret_version = &entry->version;
    return 0;
}

int catalogue_version(struct catalogue *catalogue, const char *id, struct error *error,
                      const struct product_version **ret_version) {
    refresh(catalogue);
    pthread_mutex_lock(&catalogue->mutex);
    struct entry *entry = entry_by_id(catalogue, id);
    int status = entry ? entry_hold(catalogue, entry, error)
                       : error_set(error, ERROR_NOT_FOUND, "there is no product version %.40s", id);
    pthread_mutex_unlock(&catalogue->mutex);
    if (!status) *ret_version = &entry->version;
    return status;
}

int catalogue_numbered(struct catalogue *catalogue, const char *product, int number,
                       struct error *error, const struct product_version **ret_version) {
    struct entry *entry = NULL;
    refresh(catalogue);
    pthread_mutex_lock(&catalogue->mutex);
    for (int i = 0; i < catalogue->count && !entry; i++)
        if (catalogue->entries[i]->version.number == number &&
            strcmp(catalogue->entries[i]->version.name, product) == 0)
            entry = catalogue->entries[i];
    int status = entry ? entry_hold(catalogue, entry, error)
                       : error_set(error, ERROR_NOT_FOUND, "there is no version %d of '%.60s'",
                                   number, product);
    pthread_mutex_unlock(&catalogue->mutex);
    if (!status) *ret_version = &entry->version;
    return status;
}

int catalogue_interface(struct catalogue *catalogue, const char *product, int interface,
                        struct error *error, const struct product_version **ret_version) {
    struct entry *entry;
    struct error cause;
    int status;
    refresh(catalogue);
    pthread_mutex_lock(&catalogue->mutex);
    do {
        entry = NULL;
        cause = (struct error){0};
        for (int i = 0; i < catalogue->count; i++) {
            struct entry *other = catalogue->entries[i];
            if (other->state == ENTRY_BROKEN || other->version.interface != interface ||
                strcmp(other->version.name, product) != 0)
                continue;
            if (!entry || other->version.number > entry->version.number) entry = other;
        }
        status = entry ? entry_hold(catalogue, entry, &cause) : ERROR_NOT_FOUND;
    } while (status == ERROR_INVALID);
    pthread_mutex_unlock(&catalogue->mutex);
    if (!entry)
        return error_set(error, ERROR_NOT_FOUND, "no version of '%.60s' has interface %d", product,
                         interface);
    if (status) return error_set(error, cause.code, "%s", cause.text);
    *ret_version = &entry->version;
    return 0;
}

void catalogue_release(struct catalogue *catalogue, const struct product_version *version) {
    if (!version) return;
    struct entry *entry = (struct entry *)version; /* its first member */
    pthread_mutex_lock(&catalogue->mutex);
    entry->holders--;
    pthread_mutex_unlock(&catalogue->mutex);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(a, b);
}

int catalogue_names(struct catalogue *catalogue, int64_t now_us,
                    char ret_names[][PRODUCT_CODE_MAX], int capacity) {
    char today[CLOCK_DATE_MAX];
    int count = 0;
    clock_amsterdam_date_text(now_us, today);
    refresh(catalogue);
    pthread_mutex_lock(&catalogue->mutex);
    for (int i = 0; i < catalogue->count && count < capacity; i++) {
        const struct product_version *version = &catalogue->entries[i]->version;
        bool listed = !best(catalogue, version->name, today, now_us);
        for (int j = 0; j < count && !listed; j++)
            listed = strcmp(ret_names[j], version->name) == 0;
        if (!listed) memcpy(ret_names[count++], version->name, PRODUCT_CODE_MAX);
    }
    pthread_mutex_unlock(&catalogue->mutex);
    qsort(ret_names, (size_t)count, sizeof *ret_names, compare_names);
    return count;
}

/* ---- interfaces ----------------------------------------------------------------------------- */
/* Sets what replaces an interface. The mutex is held. False: no version has it. */
static bool interface_tell(const struct catalogue *catalogue, const char *product, int number,
                           int64_t now_us, struct product_interface *interface) {
    bool there = false;
    const char *first = NULL;
    struct value_date date;
    *interface = (struct product_interface){.number = number};
    snprintf(interface->product, sizeof interface->product, "%s", product);
    for (int i = 0; i < catalogue->count; i++) {
        const struct product_version *version = &catalogue->entries[i]->version;
        if (catalogue->entries[i]->state == ENTRY_BROKEN || !known(version, now_us) ||
            strcmp(version->name, product) != 0)
            continue;
        there |= version->interface == number;
        if (version->interface <= number) continue;
        if (!interface->replaced_us || version->known_from_us < interface->replaced_us)
            interface->replaced_us = version->known_from_us;
        if (!first || strcmp(version->effective_from, first) < 0) first = version->effective_from;
    }
    if (first && day_read(first, &date))
        interface->ends_us = clock_amsterdam_midnight_us(date.year, date.month, date.day);
    return there;
}

/* Does the version hold for quotes that begin today or later? The mutex is held. */
static bool in_force(const struct catalogue *catalogue, const struct entry *entry,
                     const char *today, int64_t now_us) {
    const struct product_version *version = &entry->version;
    bool later = strcmp(version->effective_from, today) > 0;
    return best(catalogue, version->name, later ? version->effective_from : today, now_us) ==
           entry;
}

static int compare_interfaces(const void *a, const void *b) {
    const struct product_interface *one = a, *other = b;
    int order = strcmp(one->product, other->product);
    return order ? order : other->number - one->number;
}

int catalogue_interfaces(struct catalogue *catalogue, int64_t now_us,
                         struct product_interface *ret_interfaces, int capacity) {
    char today[CLOCK_DATE_MAX];
    int count = 0;
    clock_amsterdam_date_text(now_us, today);
    refresh(catalogue);
    pthread_mutex_lock(&catalogue->mutex);
    for (int i = 0; i < catalogue->count && count < capacity; i++) {
        const struct product_version *version = &catalogue->entries[i]->version;
        bool listed = !in_force(catalogue, catalogue->entries[i], today, now_us);
        for (int j = 0; j < count && !listed; j++)
            listed = ret_interfaces[j].number == version->interface &&
                     strcmp(ret_interfaces[j].product, version->name) == 0;
        if (!listed)
            interface_tell(catalogue, version->name, version->interface, now_us,
                           &ret_interfaces[count++]);
    }
    pthread_mutex_unlock(&catalogue->mutex);
    qsort(ret_interfaces, (size_t)count, sizeof *ret_interfaces, compare_interfaces);
    return count;
}

bool catalogue_interface_told(struct catalogue *catalogue, const char *product, int number,
                              struct product_interface *ret_interface) {
    refresh(catalogue);
    pthread_mutex_lock(&catalogue->mutex);
    bool there = interface_tell(catalogue, product, number, clock_now_us(), ret_interface);
    pthread_mutex_unlock(&catalogue->mutex);
    return there;
}

int64_t catalogue_stamp(struct catalogue *catalogue) {
    refresh(catalogue);
    pthread_mutex_lock(&catalogue->mutex);
    int64_t stamp = (int64_t)catalogue->count + catalogue->broken;
    pthread_mutex_unlock(&catalogue->mutex);
    return stamp;
}

/* ---- making --------------------------------------------------------------------------------- */
/* Compiles what is in force, so that no caller waits for it. */
static void warm(struct catalogue *catalogue) {
    char today[CLOCK_DATE_MAX];
    int64_t now_us = clock_now_us();
    char(*names)[PRODUCT_CODE_MAX] = calloc(CATALOGUE_PRODUCTS_MAX, sizeof *names);
    if (!names) return;
    clock_amsterdam_date_text(now_us, today);
    int count = catalogue_names(catalogue, now_us, names, CATALOGUE_PRODUCTS_MAX);
    for (int i = 0; i < count; i++) {
        const struct product_version *version = NULL;
        catalogue_find(catalogue, names[i], today, now_us, NULL, &version);
        catalogue_release(catalogue, version);
    }
    free(names);
}

int catalogue_new(struct db *db, struct error *error, struct catalogue **ret_catalogue) {
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    struct entry **entries = calloc(CATALOGUE_VERSIONS_MAX, sizeof *entries);
    struct refresher *refresher = refresher_new(1, refresh_aside, catalogue);
    if (!catalogue || !entries || !refresher) {
        free(catalogue);
        free(entries);
        refresher_free(refresher);
        return error_set(error, ERROR_NO_MEMORY, "no memory for the catalogue");
    }
    catalogue->refresher = refresher;
    catalogue->db = db;
    catalogue->entries = entries;
    pthread_mutex_init(&catalogue->mutex, NULL);
    pthread_mutex_init(&catalogue->refresh, NULL);
    pthread_cond_init(&catalogue->changed, NULL);
    pthread_mutex_lock(&catalogue->refresh);
    int status = refresh_locked(catalogue, error);
    pthread_mutex_unlock(&catalogue->refresh);
    if (status) {
        catalogue_free(catalogue);
        return status;
    }
    warm(catalogue);
    *ret_catalogue = catalogue;
    return 0;
}

void catalogue_free(struct catalogue *catalogue) {
    if (!catalogue) return;
    refresher_free(catalogue->refresher);
    for (int i = 0; i < catalogue->count; i++) {
        product_free((struct product *)catalogue->entries[i]->version.product);
        version_undo(&catalogue->entries[i]->version);
        free(catalogue->entries[i]);
    }
    free(catalogue->entries);
    pthread_cond_destroy(&catalogue->changed);
    pthread_mutex_destroy(&catalogue->refresh);
    pthread_mutex_destroy(&catalogue->mutex);
    free(catalogue);
}
