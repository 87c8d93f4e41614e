/* Runs a fuzz target once over every file of the folders and files named on the command line, in
 * the order of their names: the kept corpus as an ordinary test, with any compiler. Prints a line
 * in the form of TAP per file; what breaks ends it behind the name of its file. */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { REPLAY_PATH_MAX = 4096, REPLAY_FILE_MAX_BYTES = 16 * 1024 * 1024 };

static int ran;

static bool run_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    /* Exactly as large as the input, so that a read past its end is seen. */
    uint8_t *bytes = malloc(size ? size : 1);
    bool good = file && bytes && fread(bytes, 1, size, file) == size;
    if (file) fclose(file);
    fprintf(stderr, "# %s\n", path);
    if (good) LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++ran, path);
    fflush(stdout);
    return good;
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static bool run_path(const char *path) {
    struct stat facts;
    if (stat(path, &facts) != 0 || facts.st_size > REPLAY_FILE_MAX_BYTES) {
        printf("not ok %d - %s cannot be read\n", ++ran, path);
        return false;
    }
    if (!S_ISDIR(facts.st_mode)) return run_file(path, (size_t)facts.st_size);
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_visible, alphasort);
    bool good = count > 0;
    if (!good) printf("not ok %d - %s holds no input\n", ++ran, path);
    for (int i = 0; i < count; i++) {
        char inside[REPLAY_PATH_MAX];
        int written = snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
        struct stat entry;
        if (written > 0 && written < REPLAY_PATH_MAX && stat(inside, &entry) == 0 &&
            S_ISREG(entry.st_mode) && entry.st_size <= REPLAY_FILE_MAX_BYTES)
            good = run_file(inside, (size_t)entry.st_size) && good;
        free(entries[i]);
    }
    free(entries);
    return good;
}

int main(int argc, char **argv) {
    bool good = true;
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) good = run_path(argv[i]) && good;
    printf("1..%d\n", ran);
    return good && ran > 0 ? 0 : 1;
}
