/* Reading what `koppel dmn` is given: models with their imports, JSON values. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/dmn.h"
#include "message/json.h"

enum {
    FOLDER_FILES_MAX = 256,
    PATH_MAX_BYTES = 4096,
    ATTRIBUTE_MAX = 1024,
    JSON_VALUES_LIMIT = 20 * 1000 * 1000,
    JSON_SCRATCH_PER_BYTE = 48,
    JSON_SCRATCH_LEAST_BYTES = 1024 * 1024
};

void dmn_problems_print(const struct problems *problems) {
    for (int i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        fprintf(stderr, "%s", problem->file);
        if (problem->line) fprintf(stderr, ":%d", problem->line);
        fprintf(stderr, ": %s%s%s%s", problem->warning ? "warning: " : "", problem->place,
                *problem->place ? ": " : "", problem->text);
        if (problem->column)
            fprintf(stderr, " (column %d of the expression)", problem->column);
        fputc('\n', stderr);
    }
}

_Static_assert(EVALUATION_STEPS_DEFAULT == 10000000, "the default that --steps says");
_Static_assert(DMN_MEMORY_DEFAULT_MIB == 64, "the default that --memory says");

int dmn_limits_take(struct dmn_limits *limits, struct error *error) {
    limits->memory = malloc((size_t)limits->memory_mib << 20);
    if (limits->memory) return 0;
    return error_set(error, ERROR_NO_MEMORY, "there are no %lld MiB of memory: give less with "
                     "--memory", (long long)limits->memory_mib);
}

void dmn_limits_scratch(const struct dmn_limits *limits, struct scratch *ret_scratch) {
    scratch_init(ret_scratch, limits->memory, (size_t)limits->memory_mib << 20);
    ret_scratch->steps_max = limits->steps;
}

int dmn_status_error(int status, struct error *error) {
    switch (status) {
    case QUOTE_OK:
        return 0;
    case QUOTE_NOT_FOUND:
        return error_set(error, ERROR_NOT_FOUND, "there is no such decision");
    case QUOTE_TOO_LARGE:
        return error_set(error, ERROR_TOO_LARGE,
                         "the evaluation reached a limit of memory, depth or steps: see --memory "
                         "and --steps");
    case QUOTE_NO_MEMORY:
        return error_set(error, ERROR_NO_MEMORY, "out of memory");
    default:
        return error_set(error, ERROR_INVALID, "the model or its input is wrong");
    }
}

/* ---- models --------------------------------------------------------------------------------- */

struct files {
    struct source items[DMN_IMPORTS_MAX + 1];
    char *names[DMN_IMPORTS_MAX + 1], *texts[DMN_IMPORTS_MAX + 1];
    int count;
};

static void files_done(struct files *files) {
    for (int i = 0; i < files->count; i++) {
        free(files->names[i]);
        free(files->texts[i]);
    }
}

static int files_add(struct files *files, const char *path, const char *name,
                     struct error *error) {
    char *text;
    size_t length;
    int status = file_read(path, DMN_TEXT_MAX_BYTES, error, &text, &length);
    if (status) return status;
    char *copy = strdup(name);
    if (!copy) {
        free(text);
        return error_set(error, ERROR_NO_MEMORY, "out of memory");
    }
    files->names[files->count] = copy;
    files->texts[files->count] = text;
    files->items[files->count++] =
        (struct source){.name = copy, .text = text, .length = length};
    return 0;
}

/* The next start tag of that name, whatever its prefix, from `text` on. NULL: there is none. */
static const char *tag_find(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
        if (at > text && (at[-1] == '<' || at[-1] == ':') && at[length] &&
            strchr(" \t\r\n", at[length]))
            return at + length;
    return NULL;
}

/* The value of an attribute of the tag that begins before `tag`; "" when it is not there. */
static void attribute_read(const char *tag, const char *name, char ret_value[ATTRIBUTE_MAX]) {
    const char *end = strchr(tag, '>');
    size_t length = strlen(name);
    ret_value[0] = 0;
    for (const char *at = strstr(tag, name); at && at < end; at = strstr(at + 1, name)) {
        if (!strchr(" \t\r\n", at[-1]) || at[length] != '=' || !at[length + 1]) continue;
        const char *start = at + length + 2, *stop = strchr(start, start[-1]);
        if (stop && stop - start < ATTRIBUTE_MAX)
            snprintf(ret_value, ATTRIBUTE_MAX, "%.*s", (int)(stop - start), start);
        return;
    }
}

static void namespace_read(const char *text, char ret_namespace[ATTRIBUTE_MAX]) {
    const char *tag = tag_find(text, "definitions");
    ret_namespace[0] = 0;
    if (tag) attribute_read(tag, "namespace", ret_namespace);
}

/* Does one of the files read before import the last one? `by_location`: by its file's name too.
 * Another file with its namespace, once read, leaves it out. */
static bool is_imported(const struct files *files, bool by_location) {
    char own[ATTRIBUTE_MAX], other[ATTRIBUTE_MAX], location[ATTRIBUTE_MAX];
    int last = files->count - 1;
    bool imported = false;
    namespace_read(files->texts[last], own);
    for (int i = 0; i < last && *own; i++) {
        namespace_read(files->texts[i], other);
        if (strcmp(other, own) == 0) return false;
        for (const char *tag = tag_find(files->texts[i], "import"); tag;
             tag = tag_find(tag, "import")) {
            attribute_read(tag, "namespace", other);
            attribute_read(tag, "locationURI", location);
            const char *slash = strrchr(location, '/');
            if (strcmp(other, own) == 0 &&
                (!by_location ||
                 strcmp(slash ? slash + 1 : location, files->names[last]) == 0))
                imported = true;
        }
    }
    return imported;
}

static int is_model(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".dmn") == 0;
}

/* Reads those of the entries that files read before import. How many these are is in the count. */
static int entries_add(struct files *files, const char *folder, struct dirent **entries, int count,
                       bool by_location, struct error *error) {
    char other[PATH_MAX_BYTES];
    int status = 0;
    for (int i = 0; i < count && i < FOLDER_FILES_MAX && !status; i++) {
        bool known = files->count > DMN_IMPORTS_MAX;
        for (int j = 0; j < files->count && !known; j++)
            known = strcmp(entries[i]->d_name, files->names[j]) == 0;
        if (known) continue;
        status = file_path(folder, entries[i]->d_name, sizeof other, error, other);
        if (!status && !files_add(files, other, entries[i]->d_name, NULL) &&
            !is_imported(files, by_location)) {
            free(files->names[--files->count]);
            free(files->texts[files->count]);
        }
    }
    return status;
}

/* Adds the models of the same folder that are imported, and what they import. Where several have
 * the namespace, the one whose name the import gives. */
static int imports_add(struct files *files, const char *path, struct error *error) {
    char folder[PATH_MAX_BYTES];
    const char *slash = strrchr(path, '/');
    int length = slash ? (int)(slash - path) : 1, before;
    if ((size_t)snprintf(folder, sizeof folder, "%.*s", length ? length : 1,
                         slash ? path : ".") >= sizeof folder)
        return error_set(error, ERROR_TOO_LARGE, "the path is too long");
    struct dirent **entries;
    int count = scandir(folder, &entries, is_model, alphasort), status = 0;
    do {
        before = files->count;
        status = entries_add(files, folder, entries, count, true, error);
        if (!status && files->count == before)
            status = entries_add(files, folder, entries, count, false, error);
    } while (!status && files->count > before);
    for (int i = 0; i < count; i++) free(entries[i]);
    if (count >= 0) free(entries);
    return status;
}

int dmn_program_read(const char *path, bool lenient, struct error *error,
                     struct program **ret_program) {
    struct files files = {0};
    struct problems *problems = calloc(1, sizeof *problems);
    if (!problems) return error_set(error, ERROR_NO_MEMORY, "out of memory");
    const char *slash = strrchr(path, '/');
    int status = files_add(&files, path, slash ? slash + 1 : path, error);
    if (!status && tag_find(files.texts[0], "import")) status = imports_add(&files, path, error);
    if (!status) {
        int compiled = program_compile(&files.items[0], files.items + 1, (size_t)files.count - 1,
                                       lenient, problems, ret_program);
        if (compiled != QUOTE_OK || !lenient) dmn_problems_print(problems);
        if (compiled != QUOTE_OK)
            status = error_set(error, ERROR_INVALID, "%.300s cannot be used: %d error%s", path,
                               problems->errors, problems->errors == 1 ? "" : "s");
    }
    files_done(&files);
    free(problems);
    return status;
}

/* ---- values --------------------------------------------------------------------------------- */

int dmn_json_read(const char *path, struct error *error, struct value *ret_value,
                  void **ret_memory) {
    char *text;
    size_t length;
    int status = file_read(path, DMN_FILE_MAX_BYTES, error, &text, &length);
    if (status) return status;
    size_t size = length * JSON_SCRATCH_PER_BYTE + JSON_SCRATCH_LEAST_BYTES;
    void *memory = malloc(size);
    if (!memory) {
        free(text);
        return error_set(error, ERROR_NO_MEMORY, "out of memory");
    }
    struct scratch scratch;
    scratch_init(&scratch, memory, size);
    struct json_limits limits = {.values = JSON_VALUES_LIMIT, .scalar_root = true};
    struct json_fault fault = {0};
    status = json_read(text, length, &limits, &scratch, &fault, ret_value);
    free(text);
    if (!status) {
        *ret_memory = memory;
        return 0;
    }
    free(memory);
    return error_set(error, ERROR_INVALID, "%.300s:%d:%d: %s", path, fault.line, fault.column,
                     fault.en[0] ? fault.en : "the JSON is too large");
}

int dmn_find(const struct program *program, const char *name, struct error *error,
             int *ret_element) {
    static const enum element_kind kinds[] = {ELEMENT_DECISION, ELEMENT_SERVICE,
                                              ELEMENT_KNOWLEDGE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int element = program_find(program, kinds[i], name);
        if (element < 0) continue;
        *ret_element = element;
        return 0;
    }
    char known[300] = "";
    size_t length = 0;
    for (int i = 0; i < program_element_count(program); i++) {
        const struct element *element = program_element(program, i);
        if (element->kind != ELEMENT_DECISION || length >= sizeof known) continue;
        int written = snprintf(known + length, sizeof known - length, "%s%s",
                               length ? ", " : "", element->name);
        length += written > 0 ? (size_t)written : 0;
    }
    if (!length)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no decision \"%.80s\": the model has none at all", name);
    return error_set(error, ERROR_NOT_FOUND, "there is no decision \"%.80s\"; there are: %s", name,
                     known);
}

int dmn_inputs(const struct program *program, const struct value *inputs,
               const struct moment *moment, struct scratch *scratch, struct error *error,
               struct value *ret_inputs) {
    if (inputs->kind != VALUE_CONTEXT)
        return error_set(error, ERROR_INVALID, "the input must be a JSON object of names");
    struct value_entry *entries = scratch_take(scratch, inputs->length * sizeof *entries);
    if (!entries) return dmn_status_error(QUOTE_TOO_LARGE, error);
    for (uint32_t i = 0; i < inputs->length; i++) {
        const struct value_entry *entry = &inputs->entries[i];
        char name[512];
        snprintf(name, sizeof name, "%.*s", (int)(entry->name_length & 0x1ff), entry->name);
        entries[i] = *entry;
        int element = program_find(program, ELEMENT_INPUT, name);
        if (element < 0) element = program_find(program, ELEMENT_DECISION, name);
        if (element < 0) continue;
        int status = program_input(program, element, &entry->value, moment, scratch,
                                   &entries[i].value);
        if (status != QUOTE_OK) return dmn_status_error(status, error);
    }
    *ret_inputs = value_context(entries, inputs->length);
    return 0;
}
