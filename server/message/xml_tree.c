/* libxml2's events become elements in scratch memory. The parser is made for each message and given
 * up after it: nothing of one caller's message is left for the next. */
#include "xml_tree.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "xml_scan.h"

struct reader {
    struct scratch *scratch;
    xmlParserCtxtPtr parser;
    struct xml_node *root, *current;
    struct buffer text; /* of the element that is open, since its last tag */
    const xmlChar *seen; /* the parser's text of a namespace, which it has once, and its copy: */
    const char *copied;
    bool failed;
};

static void fail(struct reader *reader) {
    reader->failed = true;
    xmlStopParser(reader->parser);
}

static const char *copy(struct reader *reader, const void *text, size_t length) {
    char *copied = scratch_take(reader->scratch, length + 1);
    if (!copied) {
        fail(reader);
        return "";
    }
    if (length > 0) memcpy(copied, text, length);
    copied[length] = '\0';
    return copied;
}

static const char *copy_namespace(struct reader *reader, const xmlChar *uri) {
    if (!uri) return "";
    if (uri != reader->seen) {
        reader->copied = copy(reader, uri, strlen((const char *)uri));
        reader->seen = uri;
    }
    return reader->copied;
}

bool xml_is_blank(const char *text, size_t length) {
    for (size_t at = 0; at < length; at++)
        if (!memchr(" \t\r\n", text[at], 4)) return false;
    return true;
}

/* What stood between two tags of `node`, which has a child. */
static void end_text(struct reader *reader, struct xml_node *node) {
    if (reader->text.length > 0 && node)
        node->mixed |= !xml_is_blank(reader->text.data, reader->text.length);
    buffer_clear(&reader->text);
}

static void add_attributes(struct reader *reader, struct xml_node *node, int count,
                           const xmlChar **attributes) {
    const struct xml_node_attribute **last = &node->attributes;
    for (int at = 0; at < count && !reader->failed; at++, attributes += 5) {
        struct xml_node_attribute *attribute = scratch_take(reader->scratch, sizeof *attribute);
        if (!attribute) {
            fail(reader);
            return;
        }
        size_t length = (size_t)(attributes[4] - attributes[3]);
        const char *name = (const char *)attributes[0];
        *attribute = (struct xml_node_attribute){.name = copy(reader, name, strlen(name)),
                                                 .namespace = copy_namespace(reader, attributes[2]),
                                                 .value = copy(reader, attributes[3], length),
                                                 .value_length = (uint32_t)length};
        *last = attribute;
        last = &attribute->next;
    }
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix,
                          const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
                          int attribute_count, int default_count, const xmlChar **attributes) {
    struct reader *reader = context;
    (void)prefix, (void)namespace_count, (void)namespaces, (void)default_count;
    struct xml_node *parent = reader->current;
    struct xml_node *node = scratch_take(reader->scratch, sizeof *node);
    if (!node) {
        fail(reader);
        return;
    }
    end_text(reader, parent);
    size_t length = strlen((const char *)name);
    *node = (struct xml_node){.name = copy(reader, name, length),
                              .name_length = (uint32_t)length,
                              .namespace = copy_namespace(reader, uri),
                              .text = "",
                              .parent = parent};
    add_attributes(reader, node, attribute_count, attributes);
    if (!parent) reader->root = node;
    else if (parent->last) parent->last->next = node;
    else parent->first = node;
    if (parent) parent->last = node;
    reader->current = node;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix,
                        const xmlChar *uri) {
    struct reader *reader = context;
    struct xml_node *node = reader->current;
    (void)name, (void)prefix, (void)uri;
    if (!node) return;
    if (!node->first && reader->text.length > 0) {
        node->text = copy(reader, reader->text.data, reader->text.length);
        node->text_length = (uint32_t)reader->text.length;
        buffer_clear(&reader->text);
    }
    end_text(reader, node);
    reader->current = node->parent;
}

static void characters(void *context, const xmlChar *text, int length) {
    struct reader *reader = context;
    buffer_append(&reader->text, text, (size_t)length);
    if (reader->text.failed) fail(reader);
}

/* Errors are read from the parser when it is done; nothing goes to standard error. libxml2 2.12
 * made the handler's parameter const. */
#if LIBXML_VERSION < 21200
static void ignore(void *context, xmlErrorPtr error) { (void)context, (void)error; }
#else
static void ignore(void *context, const xmlError *error) { (void)context, (void)error; }
#endif

static int malformed(xmlParserCtxtPtr parser, struct xml_fault *fault) {
    const xmlError *error = xmlCtxtGetLastError(parser);
    char nl[XML_REASON_MAX], en[XML_REASON_MAX];
    int line = error ? error->line : 1;
    snprintf(nl, sizeof nl,
             "Het bericht is geen welgevormde XML, bij regel %d: stuur het zoals een "
             "XML-bibliotheek het schrijft.", line);
    snprintf(en, sizeof en,
             "The message is no well-formed XML, near line %d: send it as an XML library "
             "writes it.", line);
    return xml_fault_set(fault, "malformed", nl, en);
}

static int parse(struct reader *reader, const struct xml_scan *scan, struct xml_fault *fault) {
    xmlParserCtxtPtr parser = reader->parser;
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                             .startElementNs = start_element,
                             .endElementNs = end_element,
                             .characters = characters,
                             .cdataBlock = characters,
                             .ignorableWhitespace = characters,
                             .serror = ignore};
    char *text = scratch_take(reader->scratch, scan->length + 1);
    if (!text) return ERROR_TOO_LARGE;
    memcpy(text, scan->text, scan->length);
    text[scan->length] = '\0';
    /* Where it lies: libxml2's own buffers are looked after again for each tag of a short message,
     * for a quarter of its time. No encoding: the text is UTF-8 without a declaration, which is
     * what is taken then, and naming it would convert it. */
    xmlSetupParserForBuffer(parser, (const xmlChar *)text, NULL);
    *parser->sax = handler;
    parser->userData = reader;
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    xmlParseDocument(parser);
    if (parser->myDoc) xmlFreeDoc(parser->myDoc);
    parser->myDoc = NULL;
    if (reader->text.starved) return ERROR_NO_MEMORY;
    if (reader->text.failed) {
        return xml_fault_set(fault, "too_long", "Het bericht heeft een te lange tekst.",
                             "The message has too long a text.");
    }
    if (reader->failed) return ERROR_TOO_LARGE;
    const xmlError *error = xmlCtxtGetLastError(parser);
    if (error && error->code == XML_ERR_NO_MEMORY) return ERROR_NO_MEMORY;
    if (!parser->wellFormed || !parser->nsWellFormed || !reader->root || reader->current)
        return malformed(parser, fault);
    return 0;
}

int xml_tree_read(const char *text, size_t length, const char *charset, struct scratch *scratch,
                  struct xml_fault *ret_fault, const struct xml_node **ret_root) {
    struct xml_scan scan;
    struct reader reader = {.scratch = scratch};
    int status = xml_scan(text, length, charset, scratch, ret_fault, &scan);
    if (status) return status;
    reader.parser = xmlNewParserCtxt();
    if (!reader.parser) return ERROR_NO_MEMORY;
    buffer_init(&reader.text, XML_TEXT_MAX_BYTES);
    status = parse(&reader, &scan, ret_fault);
    buffer_done(&reader.text);
    xmlFreeParserCtxt(reader.parser);
    if (status == 0) *ret_root = reader.root;
    return status;
}

bool xml_node_is(const struct xml_node *node, const char *namespace, const char *name) {
    return strcmp(node->name, name) == 0 && strcmp(node->namespace, namespace) == 0;
}

const struct xml_node_attribute *xml_node_attribute(const struct xml_node *node,
                                                    const char *namespace, const char *name) {
    for (const struct xml_node_attribute *at = node->attributes; at; at = at->next)
        if (strcmp(at->name, name) == 0 && strcmp(at->namespace, namespace) == 0) return at;
    return NULL;
}

bool xml_is_true(const char *text, size_t length) {
    while (length > 0 && xml_is_blank(text, 1)) text++, length--;
    while (length > 0 && xml_is_blank(text + length - 1, 1)) length--;
    return (length == 4 && memcmp(text, "true", 4) == 0) || (length == 1 && *text == '1');
}
