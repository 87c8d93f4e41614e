/* Reads and writes product versions. They are only ever added, so that their count tells whether
 * there are new ones; the count is what every process looks at a few times a second. */
#include "domain/catalogue_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/calendar_day.h"
#include "domain/embedded.h"

/* ---- reading the list ----------------------------------------------------------------------- */
struct list_reading {
    int64_t known;
    struct version_list list;
};

static void version_fill(struct db_rows *rows, struct product_version *version) {
    *version = (struct product_version){
        .number = (int)db_column_integer(rows, 2),
        .interface = (int)db_column_integer(rows, 3),
        .known_from_us = db_column_integer(rows, 6)};
    snprintf(version->id, sizeof version->id, "%s", db_column_text(rows, 0, NULL));
    snprintf(version->name, sizeof version->name, "%s", db_column_text(rows, 1, NULL));
    snprintf(version->hash, sizeof version->hash, "%s", db_column_text(rows, 4, NULL));
    snprintf(version->effective_from, sizeof version->effective_from, "%s",
             db_column_text(rows, 5, NULL));
}

static int count_read(struct db_tx *tx, struct error *error, int64_t *ret_count) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, "select count(*) from product_version");
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) *ret_count = db_column_integer(rows, 0);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct list_reading *reading = context;
    struct version_list *list = &reading->list;
    free(list->items);
    *list = (struct version_list){0};
    int status = count_read(tx, error, &list->stored);
    if (status || list->stored == reading->known) return status;
    int64_t skipped = list->stored > CATALOGUE_VERSIONS_MAX ? list->stored - CATALOGUE_VERSIONS_MAX
                                                            : 0;
    int64_t wanted = list->stored - skipped;
    list->items = calloc((size_t)wanted + 1, sizeof *list->items);
    if (!list->items) return error_set(error, ERROR_NO_MEMORY, "no memory for product versions");
    struct db_rows *rows = NULL;
    status = db_query(tx, error, &rows,
                      "select id, product, number, interface, hash, effective_from, known_from_us"
                      " from product_version order by id limit $1 offset $2",
                      db_integer(wanted), db_integer(skipped));
    while (!status && list->count < wanted && (status = db_next(rows, error)) > 0) {
        version_fill(rows, &list->items[list->count++]);
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

int version_list_read(struct db *db, int64_t known, struct error *error,
                      struct version_list *ret_list) {
    struct list_reading reading = {.known = known};
    int status = db_read(db, &db_scope_all, list_body, &reading, error);
    if (status) {
        free(reading.list.items);
        return status;
    }
    *ret_list = reading.list;
    return 0;
}

/* ---- reading files -------------------------------------------------------------------------- */
struct files_reading {
    const char *version_id;
    struct version_files files;
};

static char *copy(const char *text, size_t length) {
    char *copied = malloc(length + 1);
    if (!copied) return NULL;
    memcpy(copied, text, length);
    copied[length] = '\0';
    return copied;
}

void version_files_done(struct version_files *files) {
    for (int i = 0; i < files->count; i++) {
        free((void *)files->items[i].name);
        free((void *)files->items[i].text);
    }
    files->count = 0;
}

/* Copies the text of a row's column; what is left is for version_files_done. */
static int source_copy(struct db_rows *rows, int column, struct source *source,
                       struct error *error) {
    size_t length = 0;
    const char *text = db_column_text(rows, column, &length);
    source->text = copy(text ? text : "", length);
    source->length = length;
    return source->text ? 0 : error_set(error, ERROR_NO_MEMORY, "no memory for a product's files");
}

int version_files_take(struct db_rows *rows, struct error *error, struct version_files *files) {
    int status = 0;
    while (!status && files->count < CATALOGUE_FILES_MAX && (status = db_next(rows, error)) > 0) {
        size_t name_length = 0;
        const char *name = db_column_text(rows, 0, &name_length);
        struct source *file = &files->items[files->count++];
        *file = (struct source){.name = copy(name ? name : "", name_length)};
        status = source_copy(rows, 1, file, error);
        if (!status && !file->name)
            status = error_set(error, ERROR_NO_MEMORY, "no memory for a product's files");
    }
    return status;
}

static int files_body(struct db_tx *tx, void *context, struct error *error) {
    struct files_reading *reading = context;
    struct db_rows *rows = NULL;
    version_files_done(&reading->files);
    int status = db_query(tx, error, &rows,
                          "select name, content from product_file where version_id = $1"
                          " order by position limit $2",
                          db_text(reading->version_id), db_integer(CATALOGUE_FILES_MAX));
    if (!status) status = version_files_take(rows, error, &reading->files);
    db_rows_close(rows);
    return status;
}

int version_files_read(struct db *db, const char *version_id, struct error *error,
                       struct version_files *ret_files) {
    struct files_reading reading = {.version_id = version_id, .files.published = true};
    int status = db_read(db, &db_scope_all, files_body, &reading, error);
    if (status) {
        version_files_done(&reading.files);
        return status;
    }
    *ret_files = reading.files;
    return 0;
}

struct file_reading {
    const char *version_id, *name;
    struct source file; /* without text: there is none of that name */
};

static int file_body(struct db_tx *tx, void *context, struct error *error) {
    struct file_reading *reading = context;
    struct db_rows *rows = NULL;
    free((void *)reading->file.text);
    reading->file = (struct source){0};
    int status = db_query(tx, error, &rows,
                          "select content from product_file where version_id = $1 and name = $2",
                          db_text(reading->version_id), db_text(reading->name));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) status = source_copy(rows, 0, &reading->file, error);
    db_rows_close(rows);
    return status;
}

int version_file_read(struct db *db, const char *version_id, const char *name,
                      struct error *error, char **ret_text, size_t *ret_length) {
    struct file_reading reading = {.version_id = version_id, .name = name};
    int status = db_read(db, &db_scope_all, file_body, &reading, error);
    if (status) {
        free((void *)reading.file.text);
        return status;
    }
    if (!reading.file.text)
        return error_set(error, ERROR_NOT_FOUND, "the version has no file %.120s", name);
    *ret_text = (char *)reading.file.text;
    *ret_length = reading.file.length;
    return 0;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

int version_compile(const struct version_files *files, struct problems *problems,
                    struct product **ret_product) {
    struct source models[CATALOGUE_FILES_MAX];
    struct product_sources sources = {.models = models, .schema = embedded_product_schema()};
    /* What was sound once stays usable, whatever the program's schema has become since. And
     * libxml2's schemas do not survive a heap that is exhausted. */
    if (files->published) sources.schema = NULL;
    for (int i = 0; i < files->count; i++) {
        if (strcmp(files->items[i].name, "product.xml") == 0) sources.product = &files->items[i];
        else if (ends_with(files->items[i].name, ".dmn"))
            models[sources.model_count++] = files->items[i];
    }
    if (!sources.product) {
        problems_add(problems, false, "product.xml", 0, 0, "", "the version has no product.xml");
        return QUOTE_INVALID;
    }
    return product_compile(&sources, problems, ret_product);
}

/* ---- publishing ----------------------------------------------------------------------------- */
static int number_next(struct db_tx *tx, const char *product, struct error *error,
                       int *ret_number) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select coalesce(max(number), 0) + 1 from product_version"
                          " where product = $1",
                          db_text(product));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) *ret_number = (int)db_column_integer(rows, 0);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* Of the versions that start on one date the last published holds: publishing its files once more
 * would change nothing. Those of one before it do: that is how a mistake is taken back. */
static int holder_check(struct db_tx *tx, const struct product_version *version,
                        struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select hash, number from product_version where product = $1"
                          " and effective_from = $2 order by number desc limit 1",
                          db_text(version->name), db_text(version->effective_from));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        int number = (int)db_column_integer(rows, 1);
        status = strcmp(db_column_text(rows, 0, NULL), version->hash) != 0
                     ? 0
                     : error_set(error, ERROR_CONFLICT,
                                 "these files of %s are in force from %s already, as version %d: "
                                 "change them, or name another date with --from",
                                 version->name, version->effective_from, number);
    }
    db_rows_close(rows);
    return status;
}

int version_insert(struct db_tx *tx, const struct product_files *files,
                   struct product_version *version, struct error *error) {
    int number = 0, status = holder_check(tx, version, error);
    if (!status) status = number_next(tx, version->name, error, &number);
    if (status) return status;
    if (version->number && version->number != number)
        return error_set(error, ERROR_CONFLICT,
                         "another version of %s was published just now: look at it, and try again",
                         version->name);
    version->number = number;
    status = db_run(tx, error, NULL,
                    "insert into product_version (id, product, number, interface, hash,"
                    " effective_from, known_from_us, created_us)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8)",
                    db_text(version->id), db_text(version->name), db_integer(version->number),
                    db_integer(version->interface), db_text(version->hash),
                    db_text(version->effective_from), db_integer(version->known_from_us),
                    db_integer(clock_now_us()));
    for (int i = 0; !status && i < files->count; i++)
        status = db_run(tx, error, NULL,
                        "insert into product_file (version_id, position, name, content)"
                        " values ($1, $2, $3, $4)",
                        db_text(version->id), db_integer(i), db_text(files->items[i].name),
                        db_text_length(files->items[i].text, files->items[i].length));
    return status;
}

int version_place_read(struct db *db, const char *product, const char *date, struct error *error,
                       struct version_place *ret_place) {
    struct version_list list = {0};
    struct version_place place = {0};
    int status = version_list_read(db, -1, error, &list);
    if (status) return status;
    for (int i = 0; i < list.count; i++) {
        const struct product_version *version = &list.items[i];
        if (strcmp(version->name, product) != 0) continue;
        bool later = strcmp(version->effective_from, date) > 0;
        char *from = later ? place.next_from : place.holder_from;
        int *number = later ? &place.next : &place.holder;
        int order = *number ? strcmp(version->effective_from, from) : 0;
        if (*number && (later ? order > 0 : order < 0)) continue;
        if (*number && order == 0 && version->number < *number) continue;
        *number = version->number;
        snprintf(from, CLOCK_DATE_MAX, "%s", version->effective_from);
    }
    free(list.items);
    *ret_place = place;
    return 0;
}

static int publication_check(const struct publication *publication, struct error *error) {
    const struct product_files *files = publication->files;
    size_t length = strlen(publication->product);
    struct value_date date;
    if (!length || length >= PRODUCT_CODE_MAX)
        return error_set(error, ERROR_INVALID, "a product's name has 1 to %d characters",
                         PRODUCT_CODE_MAX - 1);
    if (!day_read(publication->effective_from, &date))
        return error_set(error, ERROR_INVALID, "'%.40s' is no date: write it as 2026-12-31",
                         publication->effective_from);
    if (strlen(files->hash) != SHA256_HEX_MAX - 1 || files->count < 1 ||
        files->count > CATALOGUE_FILES_MAX)
        return error_set(error, ERROR_INVALID, "a product has 1 to %d files and a hash",
                         CATALOGUE_FILES_MAX);
    for (int i = 0; i < files->count; i++)
        if (files->items[i].length > PRODUCT_FILE_MAX_BYTES ||
            memchr(files->items[i].text, '\0', files->items[i].length))
            return error_set(error, ERROR_INVALID,
                             "%s: a file of a product is text of at most %d bytes",
                             files->items[i].name, PRODUCT_FILE_MAX_BYTES);
    return 0;
}

int version_make(const struct publication *publication, struct error *error,
                 struct product_version *ret_version) {
    int status = publication_check(publication, error);
    if (status) return status;
    struct product_version version = {.interface = publication->interface,
                                      .known_from_us = publication->known_from_us};
    id_make("pvr", version.id);
    snprintf(version.name, sizeof version.name, "%s", publication->product);
    snprintf(version.hash, sizeof version.hash, "%s", publication->files->hash);
    snprintf(version.effective_from, sizeof version.effective_from, "%s",
             publication->effective_from);
    *ret_version = version;
    return 0;
}

struct number_reading {
    const char *product;
    int number;
};

static int number_body(struct db_tx *tx, void *context, struct error *error) {
    struct number_reading *reading = context;
    return number_next(tx, reading->product, error, &reading->number);
}

int version_place_check(struct db *db, const struct product_version *version, const char *today,
                        struct error *error, int *ret_number) {
    struct version_place place;
    struct number_reading reading = {.product = version->name};
    int status = db_read(db, &db_scope_all, number_body, &reading, error);
    if (!status)
        status = version_place_read(db, version->name, version->effective_from, error, &place);
    if (status) return status;
    if (place.next && strcmp(place.next_from, today) <= 0)
        return error_set(error, ERROR_CONFLICT,
                         "version %d of %s is in force from %s, so one from %s would never be: "
                         "leave --from out, or name that date or a later one",
                         place.next, version->name, place.next_from, version->effective_from);
    *ret_number = reading.number;
    return 0;
}

struct publishing {
    const struct product_files *files;
    struct product_version version;
};

static int publish_body(struct db_tx *tx, void *context, struct error *error) {
    struct publishing *publishing = context;
    publishing->version.number = 0;
    return version_insert(tx, publishing->files, &publishing->version, error);
}

int catalogue_publish_known(struct db *db, const struct publication *publication,
                            struct error *error, struct product_version *ret_version) {
    struct publishing publishing = {.files = publication->files};
    int status = version_make(publication, error, &publishing.version);
    if (!status) status = db_write(db, &db_scope_all, publish_body, &publishing, error);
    if (!status) *ret_version = publishing.version;
    return status;
}
