/* XML in: text to a tree of elements in arena memory. Not public.
 *
 * Document types, and with them every entity but XML's own five, are refused; nothing is ever
 * fetched. Elements of another namespace than the root's (diagrams, vendors' extensions) are left
 * out with everything inside. Lines are exact in files of any length. */
#ifndef KOPPEL_XML_H
#define KOPPEL_XML_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "quote.h"

enum {
    XML_DEPTH_MAX = 200, /* the tree is walked by recursion */
    XML_ELEMENTS_MAX = 4 * 1000 * 1000,
    XML_ATTRIBUTES_MAX = 64 /* of one element */
};

/* Only attributes without a namespace and those of XML Schema instances (xsi:type, xsi:nil). */
struct xml_attribute {
    const char *name, *value;
};

struct xml_element {
    const char *name; /* without prefix */
    const char *text; /* of an element without children; else "" */
    const struct xml_attribute *attributes;
    struct xml_element *first, *next; /* child; sibling */
    uint32_t text_length;
    uint16_t attribute_count;
    int line;
};

/* Reads a whole document. The tree lives in `arena` and borrows nothing from the source.
 * `ret_namespace` is the root's, "" when it has none. */
int xml_read(const struct source *source, struct arena *arena, struct problems *problems,
             const struct xml_element **ret_root, const char **ret_namespace);
/* The first child of that name; NULL when there is none. */
const struct xml_element *xml_child(const struct xml_element *element, const char *name);
/* The next sibling of the same name, or NULL. */
const struct xml_element *xml_next(const struct xml_element *element);
/* The attribute's value, or NULL. */
const char *xml_attribute(const struct xml_element *element, const char *name);
int xml_count(const struct xml_element *element, const char *name);

#endif
