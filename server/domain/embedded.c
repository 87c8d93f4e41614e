/* Finds single files among the embedded ones. */
#include "domain/embedded.h"

#include <stdlib.h>
#include <string.h>

static const struct source *find(const char *name) {
    for (int i = 0; i < embedded_file_count; i++)
        if (!*embedded_files[i].folder && strcmp(embedded_files[i].source.name, name) == 0)
            return &embedded_files[i].source;
    abort(); /* the build put it there */
}

const struct source *embedded_product_schema(void) { return find("product.xsd"); }

const struct source *embedded_changes(void) { return find("changes.json"); }
