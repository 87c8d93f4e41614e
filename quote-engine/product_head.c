/* Which product a product.xml is of, without compiling it: for tariffs that are not finished. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "product_inside.h"

enum {
    HEAD_TEXT_MAX_BYTES = 4 * 1024 * 1024,
    INTERFACE_MAX = 9999,
    INTERFACE_DIGITS_MAX = 4
};

/* As the schema has it: [a-z][a-z0-9_-]{0,62}. */
static bool name_valid(const char *name) {
    size_t length = name ? strlen(name) : 0;
    return length && length < PRODUCT_CODE_MAX && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

/* As XML Schema reads an integer, with blanks around it, a "+" and zeros before it. 0: it is no
 * interface number. */
static int interface_read(const char *text) {
    static const char blanks[] = " \t\r\n";
    if (!text) return 0;
    text += strspn(text, blanks);
    if (*text == '+') text++;
    size_t zeros = strspn(text, "0"), length = strspn(text + zeros, "0123456789");
    const char *end = text + zeros + length;
    if (!length || length > INTERFACE_DIGITS_MAX || end[strspn(end, blanks)]) return 0;
    return (int)strtol(text + zeros, NULL, 10);
}

static int head_read(const struct source *source, struct arena *arena, struct problems *problems,
                     struct product_head *head) {
    const struct xml_element *root;
    const char *namespace;
    int status = xml_read(source, arena, problems, &root, &namespace);
    if (status) return status;
    const char *name = xml_attribute(root, "name");
    head->interface = interface_read(xml_attribute(root, "interface"));
    if (strcmp(root->name, "product") == 0 && name_valid(name) && head->interface) {
        snprintf(head->name, sizeof head->name, "%s", name);
        return QUOTE_OK;
    }
    problems_add(problems, false, source->name, root->line, 0, "",
                 "begin with <product name=\"…\" interface=\"…\">: a name of small letters, "
                 "digits, _ and -, and a number from 1 to %d",
                 INTERFACE_MAX);
    return QUOTE_INVALID;
}

int product_head_read(const struct source *source, struct problems *problems,
                      struct product_head *ret_head) {
    struct product_head head = {0};
    struct arena arena;
    if (source->length > HEAD_TEXT_MAX_BYTES) {
        problems_add(problems, false, source->name, 0, 0, "", "the file is larger than %d MiB",
                     HEAD_TEXT_MAX_BYTES / 1024 / 1024);
        return QUOTE_TOO_LARGE;
    }
    arena_init(&arena, PRODUCT_MEMORY_BYTES);
    int status = head_read(source, &arena, problems, &head);
    arena_done(&arena);
    if (status == QUOTE_OK) *ret_head = head;
    return status;
}
