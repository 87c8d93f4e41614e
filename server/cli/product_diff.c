/* `koppel product diff`: what differs between two editions of a product, each a folder, a draft or
 * a version. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/installation.h"
#include "cli/product.h"
#include "domain/edition.h"
#include "domain/product_diff.h"

struct side {
    struct product_folder folder;
    struct version_files kept;
    struct product *product;
    struct product_edition edition;
};

struct diffing {
    struct side older, newer;
    struct problems problems;
};

static bool is_folder(const char *name) {
    struct stat about;
    return stat(name, &about) == 0 && S_ISDIR(about.st_mode);
}

static void side_done(struct side *side) {
    product_free(side->product);
    product_folder_done(&side->folder);
    version_files_done(&side->kept);
}

static int side_read(const char *name, struct db *db, struct error *error, struct side *side) {
    struct edition edition;
    if (is_folder(name)) {
        int status = product_folder_read(name, error, &side->folder);
        side->edition.files = side->folder.files.items;
        side->edition.file_count = side->folder.files.count;
        return status;
    }
    if (!db)
        return error_set(error, ERROR_INVALID,
                         "%.200s is no folder: to compare a draft or a version, give --data DIR",
                         name);
    int status = edition_find(db, name, error, &edition);
    if (!status) status = edition_files_read(db, &edition, error, &side->kept);
    side->edition.files = side->kept.items;
    side->edition.file_count = side->kept.count;
    return status;
}

/* What does not compile cannot be compared. */
static int side_compile(const char *name, struct side *side, struct problems *problems,
                        struct error *error) {
    struct version_files files = {.count = side->edition.file_count};
    memcpy(files.items, side->edition.files, sizeof *files.items * (size_t)files.count);
    files.published = side->kept.published;
    memset(problems, 0, sizeof *problems);
    int status = version_compile(&files, problems, &side->product);
    side->edition.product = side->product;
    if (status == QUOTE_OK) return 0;
    if (status == QUOTE_NO_MEMORY)
        return error_set(error, ERROR_NO_MEMORY, "no memory to compile %.200s", name);
    product_problems_print(problems);
    return error_set(error, ERROR_INVALID, "%.200s does not compile: correct it first", name);
}

static int diff(const char *const names[2], struct db *db, struct diffing *diffing,
                struct error *error) {
    struct buffer lines;
    struct side *sides[2] = {&diffing->older, &diffing->newer};
    int status = 0;
    for (int i = 0; !status && i < 2; i++) {
        status = side_read(names[i], db, error, sides[i]);
        if (!status) status = side_compile(names[i], sides[i], &diffing->problems, error);
    }
    if (status) return status;
    buffer_init(&lines, PRODUCT_DIFF_MAX_BYTES);
    product_diff_write(&diffing->older.edition, &diffing->newer.edition, &lines);
    if (lines.failed)
        status = error_set(error, buffer_failure(&lines), "the differences do not fit in memory");
    else
        fputs(lines.length ? lines.data : "no differences\n", stdout);
    buffer_done(&lines);
    return status;
}

int product_part_diff(int argc, char **argv) {
    const char *data = NULL;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR",
         .help = "the folder of the installation, for drafts and versions", .ret_value = &data}};
    struct option_operands operands;
    struct installation installation = {0};
    struct error error = {0};
    int status;
    if (command_options("product",
                        "product diff OLD NEW [--data DIR]: each a folder, ID, HASH or "
                        "NAME@NUMBER",
                        options, 1, 2, argc, argv, &operands, &status))
        return status;
    struct diffing *diffing = calloc(1, sizeof *diffing);
    status = diffing ? 0 : error_set(&error, ERROR_NO_MEMORY, "no memory to compare products");
    if (!status && data) status = installation_open(data, &error, &installation);
    if (!status) status = diff(operands.items, installation.db, diffing, &error);
    if (diffing) {
        side_done(&diffing->older);
        side_done(&diffing->newer);
    }
    free(diffing);
    installation_close(&installation);
    return status ? command_fail("product", &error) : EXIT_DONE;
}
