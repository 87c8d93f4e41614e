/* Messages as they are read, and the same text as the document that signatures are verified on.
 * Both take a text or both refuse it, and both see the same elements in the same places, with the
 * same attributes and texts: else something could be verified that is not what is carried out. */
#include <libxml/tree.h>

#include "fuzz.h"
#include "message/xml_document.h"

enum { INPUT_MAX = 32 * 1024, MEMORY_BYTES = 4 * 1024 * 1024 };

static char memory[MEMORY_BYTES], again_memory[MEMORY_BYTES];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    return 0;
}

static bool same(const xmlChar *seen, const char *read) {
    return strcmp(seen ? (const char *)seen : "", read) == 0;
}

/* The reader's values have an ampersand as a reference still, unlike the document's. */
static bool same_value(const xmlChar *seen, const char *read) {
    const char *at = seen ? (const char *)seen : "";
    for (; *at; at++) {
        bool reference = *at == '&' && strncmp(read, "&#38;", 5) == 0;
        if (!reference && *read != *at) return false;
        read += reference ? 5 : 1;
    }
    return !*read;
}

static void check_attributes(const struct xml_node *node, xmlNodePtr element) {
    xmlAttrPtr at = element->properties;
    const struct xml_node_attribute *read = node->attributes;
    for (; at && read; at = at->next, read = read->next) {
        xmlChar *value = xmlNodeListGetString(element->doc, at->children, 1);
        const xmlChar *namespace = at->ns ? at->ns->href : NULL;
        FUZZ_CHECK(same(at->name, read->name) && same(namespace, read->namespace),
                   "attribute %s: %s", (const char *)at->name, read->name);
        FUZZ_CHECK(same_value(value, read->value), "%s: '%s', '%s'", read->name,
                   (const char *)value, read->value);
        xmlFree(value);
    }
    FUZZ_CHECK(!at && !read, "%s: attributes differ", node->name);
}

static void check_element(const struct xml_node *node, xmlNodePtr element) {
    FUZZ_CHECK(same(element->name, node->name) &&
                   same(element->ns ? element->ns->href : NULL, node->namespace),
               "element %s: %s", (const char *)element->name, node->name);
    check_attributes(node, element);
    if (node->first) return;
    xmlChar *text = xmlNodeGetContent(element);
    FUZZ_CHECK(same(text, node->text), "%s: '%s', '%s'", node->name, (const char *)text,
               node->text);
    xmlFree(text);
}

static void check_tree(const struct xml_node *node, xmlNodePtr element) {
    const struct xml_node *root = node;
    for (;;) {
        FUZZ_CHECK(element, "%s: no such element", node->name);
        check_element(node, element);
        xmlNodePtr child = xmlFirstElementChild(element);
        FUZZ_CHECK(!child == !node->first, "%s: children differ", node->name);
        if (child) {
            node = node->first;
            element = child;
            continue;
        }
        while (node != root && !node->next) {
            FUZZ_CHECK(!xmlNextElementSibling(element), "%s: another follows", node->name);
            node = node->parent;
            element = element->parent;
        }
        if (node == root) return;
        node = node->next;
        element = xmlNextElementSibling(element);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const char *const charsets[] = {NULL, "utf-8", "utf-16", "iso-8859-1"};
    struct scratch scratch, again;
    struct xml_fault fault = {.code = ""}, other = {.code = ""};
    const struct xml_node *root = NULL;
    xmlDocPtr document = NULL;
    if (length < 1 || length > INPUT_MAX) return 0;
    const char *charset = charsets[bytes[0] & 3], *text = (const char *)bytes + 1;
    scratch_init(&scratch, memory, sizeof memory);
    scratch_init(&again, again_memory, sizeof again_memory);
    int status = xml_tree_read(text, length - 1, charset, &scratch, &fault, &root);
    int second = xml_document_read(text, length - 1, charset, &again, &other, &document);
    FUZZ_CHECK(status == second, "%d %s, %d %s", status, fault.code, second, other.code);
    if (status == 0) check_tree(root, xmlDocGetRootElement(document));
    if (document) xmlFreeDoc(document);
    return 0;
}
