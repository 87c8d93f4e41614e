/* XML text to a tree of elements in scratch memory. libxml2 decides what is well-formed; before it
 * sees a byte, a linear pass (xml_scan.c) has refused what it would spend too long on, and every
 * encoding but UTF-8 has been turned into that. There are no document types, so no entities but
 * the five that XML itself has, and nothing is fetched from anywhere. */
#ifndef KOPPEL_MESSAGE_XML_TREE_H
#define KOPPEL_MESSAGE_XML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quote-engine/value.h"

enum {
    XML_DEPTH_MAX = 32,
    XML_ELEMENTS_MAX = 20000,
    XML_ATTRIBUTES_MAX = 32,         /* of an element, namespace declarations among them */
    XML_ATTRIBUTES_TOTAL_MAX = 20000,
    XML_NAMESPACES_MAX = 2000,       /* declarations in a message */
    XML_TEXT_MAX_BYTES = 64 * 1024,  /* of one text, comment or attribute's value */
    XML_NAME_MAX_BYTES = 256,
    XML_REASON_MAX = 240
};

/* What is wrong, and what to do. Codes: malformed encoding not_utf8 control_character
 * document_type processing_instruction too_deep too_many_elements too_many_attributes
 * too_many_namespaces too_long. */
struct xml_fault {
    char code[64];
    char nl[XML_REASON_MAX], en[XML_REASON_MAX];
};

struct xml_node_attribute {
    const char *name, *namespace; /* NUL-terminated; namespace "" when it has none */
    const char *value;
    uint32_t value_length;
    const struct xml_node_attribute *next;
};

struct xml_node {
    const char *name, *namespace; /* NUL-terminated; namespace "" when it has none */
    uint32_t name_length;
    uint32_t text_length;
    const char *text; /* of an element without children: as it stands, never NULL */
    bool mixed;       /* it has children, and text that is not blank beside them */
    const struct xml_node_attribute *attributes;
    struct xml_node *parent, *first, *last, *next;
};

/* `charset` is what the transport says of the encoding ("utf-8"), or NULL. The tree lies in
 * `scratch` and borrows nothing. ERROR_INVALID fills `ret_fault`; ERROR_TOO_LARGE when scratch is
 * used up, ERROR_NO_MEMORY when the heap is. */
int xml_tree_read(const char *text, size_t length, const char *charset, struct scratch *scratch,
                  struct xml_fault *ret_fault, const struct xml_node **ret_root);

/* Is it this name in this namespace? */
bool xml_node_is(const struct xml_node *node, const char *namespace, const char *name);
/* NULL: it has none. `namespace` "" for an attribute without a prefix. */
const struct xml_node_attribute *xml_node_attribute(const struct xml_node *node,
                                                    const char *namespace, const char *name);

/* The text of a boolean of XML Schema: true or 1, white space around it allowed. */
bool xml_is_true(const char *text, size_t length);
/* Only the white space of XML? */
bool xml_is_blank(const char *text, size_t length);

#endif
