/* Drives libxml2's parser by its events and keeps what a model needs: a fraction of the memory of
 * libxml2's own tree, and line numbers that do not stop at 65,535.
 *
 * What the elements mean is left to dmn_read.c and cases.c. */
#include "xml.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XSI_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"
enum { NAME_SLOTS = 256, CHARACTERS_FIRST_BYTES = 4096 };

struct reader {
    xmlParserCtxtPtr parser;
    struct arena *arena;
    struct xml_element *open[XML_DEPTH_MAX], *last_child[XML_DEPTH_MAX];
    int depth;
    int skipped; /* depth below an element that is left out */
    long element_count;
    const xmlChar *namespace; /* the root's, owned by the parser */
    const char *fault;        /* why reading was stopped, or NULL */
    int fault_line, status;
    int first_code, first_line; /* of the parser's first complaint; those after it follow from it */
    char first_text[PROBLEM_TEXT_MAX / 2];
    struct xml_element *root;
    char *characters; /* of the element that is open */
    size_t characters_length, characters_size;
    /* The parser keeps each name once: its address finds our copy. */
    const xmlChar *name_keys[NAME_SLOTS];
    const char *name_copies[NAME_SLOTS];
};

static int reader_line(const struct reader *reader) {
    return reader->parser->input ? reader->parser->input->line : 0;
}

static void reader_stop(struct reader *reader, int status, const char *fault) {
    if (reader->status == QUOTE_OK) {
        reader->status = status;
        reader->fault = fault;
        reader->fault_line = reader_line(reader);
    }
    xmlStopParser(reader->parser);
}

static const char *name_copy(struct reader *reader, const xmlChar *name) {
    size_t slot = ((uintptr_t)name >> 3) * 2654435761u % NAME_SLOTS;
    if (reader->name_keys[slot] == name) return reader->name_copies[slot];
    const char *copy = arena_copy(reader->arena, (const char *)name, strlen((const char *)name));
    if (!copy) return NULL;
    reader->name_keys[slot] = name;
    reader->name_copies[slot] = copy;
    return copy;
}

/* libxml2 hands attributes as fives: name, prefix, namespace, value's begin and end. */
static bool attributes_keep(struct reader *reader, struct xml_element *element, int count,
                            const xmlChar **attributes) {
    if (count > XML_ATTRIBUTES_MAX) {
        reader_stop(reader, QUOTE_TOO_LARGE, "an element has too many attributes");
        return false;
    }
    struct xml_attribute kept[XML_ATTRIBUTES_MAX];
    int kept_count = 0;
    for (int i = 0; i < count; i++) {
        const xmlChar **five = attributes + (size_t)i * 5;
        if (five[2] && strcmp((const char *)five[2], XSI_NAMESPACE) != 0) continue;
        kept[kept_count].name = name_copy(reader, five[0]);
        kept[kept_count].value =
            arena_copy(reader->arena, (const char *)five[3], (size_t)(five[4] - five[3]));
        if (!kept[kept_count].name || !kept[kept_count].value) return false;
        kept_count++;
    }
    struct xml_attribute *copy = arena_take_array(reader->arena, (size_t)kept_count, sizeof *copy);
    if (!copy) return false;
    memcpy(copy, kept, (size_t)kept_count * sizeof *copy);
    element->attributes = copy;
    element->attribute_count = (uint16_t)kept_count;
    return true;
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix,
                     const xmlChar *namespace, int namespace_count, const xmlChar **namespaces,
                     int attribute_count, int default_count, const xmlChar **attributes) {
    (void)prefix, (void)namespace_count, (void)namespaces, (void)default_count;
    struct reader *reader = context;
    if (reader->status != QUOTE_OK) return;
    if (!reader->root) reader->namespace = namespace;
    if (reader->skipped || !xmlStrEqual(namespace, reader->namespace)) {
        if (reader->skipped++ > XML_DEPTH_MAX)
            reader_stop(reader, QUOTE_TOO_LARGE, "elements are nested too deeply");
        return;
    }
    if (reader->depth >= XML_DEPTH_MAX) {
        reader_stop(reader, QUOTE_TOO_LARGE, "elements are nested too deeply");
        return;
    }
    if (++reader->element_count > XML_ELEMENTS_MAX) {
        reader_stop(reader, QUOTE_TOO_LARGE, "the file has too many elements");
        return;
    }
    struct xml_element *element = arena_take(reader->arena, sizeof *element);
    if (!element || !(element->name = name_copy(reader, name)) ||
        !attributes_keep(reader, element, attribute_count, attributes)) {
        reader_stop(reader, QUOTE_NO_MEMORY, "the file needs more memory than it may use");
        return;
    }
    element->text = "";
    element->line = reader_line(reader);
    if (reader->depth == 0) {
        reader->root = element;
    } else if (reader->last_child[reader->depth - 1]) {
        reader->last_child[reader->depth - 1]->next = element;
    } else {
        reader->open[reader->depth - 1]->first = element;
    }
    if (reader->depth) reader->last_child[reader->depth - 1] = element;
    reader->open[reader->depth] = element;
    reader->last_child[reader->depth++] = NULL;
    reader->characters_length = 0;
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix,
                   const xmlChar *namespace) {
    (void)name, (void)prefix, (void)namespace;
    struct reader *reader = context;
    if (reader->status != QUOTE_OK) return;
    if (reader->skipped) {
        reader->skipped--;
        return;
    }
    struct xml_element *element = reader->open[--reader->depth];
    if (!element->first && reader->characters_length) {
        element->text =
            arena_copy(reader->arena, reader->characters, reader->characters_length);
        element->text_length = (uint32_t)reader->characters_length;
        if (!element->text) {
            element->text = "";
            reader_stop(reader, QUOTE_NO_MEMORY, "the file needs more memory than it may use");
        }
    }
    reader->characters_length = 0;
}

static void on_characters(void *context, const xmlChar *characters, int length) {
    struct reader *reader = context;
    if (reader->status != QUOTE_OK || reader->skipped || length <= 0) return;
    size_t wanted = reader->characters_length + (size_t)length;
    if (wanted > reader->characters_size) {
        size_t size = reader->characters_size ? reader->characters_size : CHARACTERS_FIRST_BYTES;
        while (size < wanted) size *= 2; /* no more than twice the file, which is bounded */
        char *grown = realloc(reader->characters, size);
        if (!grown) {
            reader_stop(reader, QUOTE_NO_MEMORY, "out of memory");
            return;
        }
        reader->characters = grown;
        reader->characters_size = size;
    }
    memcpy(reader->characters + reader->characters_length, characters, (size_t)length);
    reader->characters_length = wanted;
}

static void on_document_type(void *context, const xmlChar *name, const xmlChar *external,
                             const xmlChar *system) {
    (void)name, (void)external, (void)system;
    reader_stop(context, QUOTE_INVALID,
                "a document type (DOCTYPE) is not allowed: remove it and its entities");
}

static void first_keep(struct reader *reader, const xmlError *error) {
    if (reader->first_code || !error || error->code == XML_ERR_OK) return;
    reader->first_code = error->code;
    reader->first_line = error->line;
    snprintf(reader->first_text, sizeof reader->first_text, "%s",
             error->message ? error->message : "");
    for (char *at = reader->first_text; *at; at++) /* a problem is one line */
        if ((unsigned char)*at < ' ') *at = ' ';
    size_t length = strlen(reader->first_text);
    while (length && reader->first_text[length - 1] == ' ') reader->first_text[--length] = 0;
}

/* libxml2 2.12 made the handler's parameter const. */
#if LIBXML_VERSION < 21200
static void on_complaint(void *context, xmlErrorPtr error) { first_keep(context, error); }
#else
static void on_complaint(void *context, const xmlError *error) { first_keep(context, error); }
#endif

/* What it means in this file and what to do; NULL where the parser's own words must do. */
static const char *first_advice(const struct reader *reader) {
    switch (reader->first_code) {
    case XML_ERR_INVALID_ENCODING:
    case XML_ERR_INVALID_CHAR:
        return "here is a character that is not UTF-8: save the file in UTF-8";
    case XML_ERR_UNDECLARED_ENTITY:
        return "of names between & and ; only lt, gt, amp, quot and apos are known: write the "
               "character itself";
    case XML_ERR_ENTITYREF_SEMICOL_MISSING: return "write the sign & as &amp;";
    case XML_ERR_NAME_REQUIRED:
        return strstr(reader->first_text, "EntityRef") ? "write the sign & as &amp;"
                                                       : "write the sign < in a text as &lt;";
    case XML_ERR_LT_IN_ATTRIBUTE: return "write the sign < in a text as &lt;";
    case XML_ERR_OK: return "the document is empty";
    default: return NULL;
    }
}

static void fault_say(const struct reader *reader, const struct source *source,
                      struct problems *problems) {
    if (reader->status != QUOTE_OK) {
        problems_add(problems, false, source->name, reader->fault_line, 0, "", "%s",
                     reader->fault);
        return;
    }
    const char *advice = first_advice(reader);
    problems_add(problems, false, source->name, reader->first_line, 0, "",
                 "not well-formed XML: %s", advice ? advice : reader->first_text);
}

/* Does it begin as a document in UTF-8 does, with ASCII? Else libxml2 may take it for another
 * encoding. */
static bool begins_as_utf8(const struct source *source) {
    static const char mark[] = "\xEF\xBB\xBF";
    enum { FIRST_BYTES = 4 };
    if (source->length >= 3 && memcmp(source->text, mark, 3) == 0) return true;
    size_t first = source->length < FIRST_BYTES ? source->length : FIRST_BYTES;
    for (size_t i = 0; i < first; i++)
        if (source->text[i] == 0 || (unsigned char)source->text[i] > 0x7f) return false;
    return true;
}

static void reader_run(struct reader *reader, const struct source *source) {
    xmlSAXHandler *events = reader->parser->sax;
    memset(events, 0, sizeof *events);
    events->initialized = XML_SAX2_MAGIC;
    events->startElementNs = on_start;
    events->endElementNs = on_end;
    events->characters = on_characters;
    events->cdataBlock = on_characters;
    events->internalSubset = on_document_type;
    events->serror = on_complaint;
    reader->parser->userData = reader;
    /* UTF-8 whatever the document declares: what is not, is refused as not well-formed. To name
     * UTF-8 here instead would make libxml2 convert, which it does not survive without memory. */
    xmlDocPtr document =
        xmlCtxtReadMemory(reader->parser, source->text, (int)source->length, NULL, NULL,
                          XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                              XML_PARSE_IGNORE_ENC);
    if (document) xmlFreeDoc(document);
    first_keep(reader, xmlCtxtGetLastError(reader->parser));
}

/* Without `problems` nothing is said. */
static int read_once(const struct source *source, struct arena *arena, struct problems *problems,
                     const struct xml_element **ret_root, const char **ret_namespace) {
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader) return QUOTE_NO_MEMORY;
    reader->arena = arena;
    reader->parser = xmlNewParserCtxt();
    if (!reader->parser) {
        free(reader);
        return QUOTE_NO_MEMORY;
    }
    if (source->length && !begins_as_utf8(source))
        reader_stop(reader, QUOTE_INVALID, "not well-formed XML in UTF-8: save the file in UTF-8");
    else if (source->length)
        reader_run(reader, source);
    int status = reader->status;
    if (status == QUOTE_OK && (!reader->root || !reader->parser->wellFormed))
        status = QUOTE_INVALID;
    const char *namespace = "";
    if (status == QUOTE_OK && reader->namespace) {
        namespace = arena_copy(arena, (const char *)reader->namespace,
                               strlen((const char *)reader->namespace));
        if (!namespace) status = QUOTE_NO_MEMORY;
    }
    if (status == QUOTE_OK) {
        *ret_root = reader->root;
        *ret_namespace = namespace;
    } else if (problems) {
        fault_say(reader, source, problems);
    }
    xmlFreeParserCtxt(reader->parser);
    free(reader->characters);
    free(reader);
    return status;
}

int xml_read(const struct source *source, struct arena *arena, struct problems *problems,
             const struct xml_element **ret_root, const char **ret_namespace) {
    if (source->length > DMN_TEXT_MAX_BYTES) {
        problems_add(problems, false, source->name, 0, 0, "", "the file is larger than %d MiB",
                     DMN_TEXT_MAX_BYTES / 1024 / 1024);
        return QUOTE_TOO_LARGE;
    }
    /* When memory runs out libxml2 may find a sound document malformed and say nothing of memory:
     * what is malformed is so twice. */
    int status = read_once(source, arena, NULL, ret_root, ret_namespace);
    return status == QUOTE_OK ? status
                              : read_once(source, arena, problems, ret_root, ret_namespace);
}

const struct xml_element *xml_child(const struct xml_element *element, const char *name) {
    for (const struct xml_element *child = element->first; child; child = child->next)
        if (strcmp(child->name, name) == 0) return child;
    return NULL;
}

const struct xml_element *xml_next(const struct xml_element *element) {
    for (const struct xml_element *next = element->next; next; next = next->next)
        if (strcmp(next->name, element->name) == 0) return next;
    return NULL;
}

const char *xml_attribute(const struct xml_element *element, const char *name) {
    for (int i = 0; i < element->attribute_count; i++)
        if (strcmp(element->attributes[i].name, name) == 0) return element->attributes[i].value;
    return NULL;
}

int xml_count(const struct xml_element *element, const char *name) {
    int count = 0;
    for (const struct xml_element *child = element->first; child; child = child->next)
        count += strcmp(child->name, name) == 0;
    return count;
}
