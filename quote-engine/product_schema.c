/* Validates product.xml against its schema with libxml2. Both come as text from memory: no file is
 * opened and nothing is fetched. The document was read by xml.c before, which refuses document
 * types and bounds its depth. */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "product_inside.h"

enum {
    SCHEMA_MESSAGE_MAX = 384,
    SCHEMA_MEMORY_BYTES = 8 * 1024 * 1024, /* what validating takes at most, … */
    SCHEMA_MEMORY_PER_BYTE = 32            /* … and for each byte of the document */
};

/* libxml2 speaks of "{urn:…}cover"; readers know no other namespace. */
static void message_clean(const char *message, char *ret_text) {
    size_t length = 0;
    while (*message && length < SCHEMA_MESSAGE_MAX - 1) {
        const char *end = *message == '{' ? strchr(message, '}') : NULL;
        if (end && strncmp(message, "{urn:", 5) == 0) {
            message = end + 1;
        } else {
            ret_text[length++] = *message == '\n' ? ' ' : *message;
            message++;
        }
    }
    while (length && ret_text[length - 1] == ' ') length--;
    ret_text[length] = 0;
}

/* What stands in the message between `from` and `after`; "" where they do not. */
static void quoted(const char *message, const char *from, const char *after, char *ret_text,
                   size_t size) {
    const char *start = strstr(message, from);
    const char *end = start ? strstr(start + strlen(from), after) : NULL;
    size_t length = end ? (size_t)(end - start) - strlen(from) : 0;
    snprintf(ret_text, size, "%.*s", (int)(length < size ? length : size - 1),
             end ? start + strlen(from) : "");
}

/* "attribute 'code'" or "element label": what the message is about. */
static void about_read(const char *message, char *ret_about, size_t size) {
    char name[64];
    quoted(message, "attribute '", "'", name, sizeof name);
    if (*name) {
        snprintf(ret_about, size, "attribute %s", name);
        return;
    }
    quoted(message, "Element '", "'", name, sizeof name);
    snprintf(ret_about, size, "element %s", name);
}

/* The schema's verdict as a sentence that says what to write. False: for lack of one, its own. */
static bool message_translate(int code, const char *message, char *ret_text) {
    char about[96], what[120], value[80], type[64];
    about_read(message, about, sizeof about);
    quoted(message, "The value '", "' ", value, sizeof value);
    switch (code) {
    case XML_SCHEMAV_CVC_MINLENGTH_VALID:
        snprintf(ret_text, SCHEMA_MESSAGE_MAX, "%s is empty or too short: write its text", about);
        return true;
    case XML_SCHEMAV_CVC_MAXLENGTH_VALID:
        quoted(message, "maximum length of '", "'", what, sizeof what);
        snprintf(ret_text, SCHEMA_MESSAGE_MAX, "%s is too long: write at most %s characters", about,
                 what);
        return true;
    case XML_SCHEMAV_CVC_PATTERN_VALID:
        quoted(message, "by the pattern '", "'.", what, sizeof what);
        snprintf(ret_text, SCHEMA_MESSAGE_MAX,
                 "%s cannot be \"%s\": write it in the form of the pattern %s", about, value, what);
        return true;
    case XML_SCHEMAV_CVC_ENUMERATION_VALID:
        quoted(message, "the set {", "}", what, sizeof what);
        snprintf(ret_text, SCHEMA_MESSAGE_MAX, "%s cannot be \"%s\": write one of %s", about,
                 value, what);
        return true;
    case XML_SCHEMAV_CVC_MININCLUSIVE_VALID:
    case XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID:
        quoted(message, "allowed ('", "')", what, sizeof what);
        snprintf(ret_text, SCHEMA_MESSAGE_MAX, "%s cannot be %s: write at %s %s", about, value,
                 code == XML_SCHEMAV_CVC_MININCLUSIVE_VALID ? "least" : "most", what);
        return true;
    case XML_SCHEMAV_ELEMENT_CONTENT:
        quoted(message, "Expected is one of ( ", " )", what, sizeof what);
        if (!*what) quoted(message, "Expected is ( ", " )", what, sizeof what);
        snprintf(ret_text, SCHEMA_MESSAGE_MAX, "%s %s%s%s", about,
                 strstr(message, "Missing child") ? "lacks something" : "is not allowed here",
                 *what ? ": what can stand here is " : "", what);
        return true;
    case XML_SCHEMAV_CVC_ELT_1:
        snprintf(ret_text, SCHEMA_MESSAGE_MAX, "%s is not known here: the file begins with "
                 "<product xmlns=\"urn:koppel:product:v1\" …>", about);
        return true;
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_4:
        quoted(message, "The attribute '", "' is required", what, sizeof what);
        snprintf(ret_text, SCHEMA_MESSAGE_MAX, "the attribute %s is missing: add it", what);
        return true;
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1:
        quoted(message, ": '", "' is not a valid", value, sizeof value);
        quoted(message, "type 'xs:", "'", what, sizeof what);
        quoted(message, "type '", "'", type, sizeof type);
        if (strcmp(type, "percentage") == 0)
            snprintf(what, sizeof what, "number from 0 to 100, as in 12.5, without a percent sign");
        if (!*what) return false;
        snprintf(ret_text, SCHEMA_MESSAGE_MAX, "%s cannot be \"%s\": write a %s%s", about, value,
                 strcmp(type, "percentage") == 0 ? "" : "value of type ", what);
        return true;
    default:
        return false;
    }
}

static void on_error(void *context, const xmlError *error) {
    char text[SCHEMA_MESSAGE_MAX], own[SCHEMA_MESSAGE_MAX], place[PROBLEM_PLACE_MAX] = "";
    message_clean(error->message ? error->message : "it does not fit the schema", own);
    if (!message_translate(error->code, own, text)) memcpy(text, own, sizeof text);
    const xmlNode *node = error->node;
    if (node && node->type == XML_ELEMENT_NODE) {
        const xmlAttr *named = NULL;
        for (const xmlAttr *at = node->properties; at; at = at->next)
            if (xmlStrEqual(at->name, BAD_CAST "name") || xmlStrEqual(at->name, BAD_CAST "code"))
                named = at;
        snprintf(place, sizeof place, "%s%s%.60s", (const char *)node->name, named ? " " : "",
                 named && named->children && named->children->content
                     ? (const char *)named->children->content : "");
    }
    product_fail(context, error->line, place, "%s", text);
}

/* libxml2 2.12 made the handler's parameter const. */
#if LIBXML_VERSION < 21200
static void on_error_plain(void *context, xmlErrorPtr error) { on_error(context, error); }
#define ON_ERROR on_error_plain
#else
#define ON_ERROR on_error
#endif

static void validate_document(struct product_reader *reader, xmlSchemaPtr schema,
                              const struct source *source) {
    xmlDocPtr document =
        xmlReadMemory(source->text, (int)source->length, source->name, NULL,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                          XML_PARSE_IGNORE_ENC); /* as xml.c, which let it through */
    xmlSchemaValidCtxtPtr context = document ? xmlSchemaNewValidCtxt(schema) : NULL;
    if (context) {
        xmlSchemaSetValidStructuredErrors(context, ON_ERROR, reader);
        int result = xmlSchemaValidateDoc(context, document);
        if (result != 0 && reader->status == QUOTE_OK)
            product_fail(reader, 0, "", "the file does not fit its schema");
    } else {
        reader->status = QUOTE_NO_MEMORY;
    }
    xmlSchemaFreeValidCtxt(context);
    xmlFreeDoc(document);
}

void product_prepare(void) {
    xmlInitParser();
    xmlSchemaInitTypes();
}

/* libxml2's schemas do not survive a heap that is exhausted: they are not begun without room. */
static bool memory_suffices(const struct source *source) {
    void *room = malloc(SCHEMA_MEMORY_BYTES + SCHEMA_MEMORY_PER_BYTE * source->length);
    free(room);
    return room != NULL;
}

void product_validate(struct product_reader *reader, const struct source *source,
                      const struct source *schema) {
    if (!memory_suffices(source)) {
        reader->status = QUOTE_NO_MEMORY;
        return;
    }
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewMemParserCtxt(schema->text, (int)schema->length);
    if (!parser) {
        reader->status = QUOTE_NO_MEMORY;
        return;
    }
    xmlSchemaSetParserStructuredErrors(parser, ON_ERROR, reader);
    xmlSchemaPtr compiled = xmlSchemaParse(parser);
    if (compiled) {
        validate_document(reader, compiled, source);
    } else if (reader->status == QUOTE_OK) {
        product_fail(reader, 0, "", "the schema %.60s cannot be read", schema->name);
    }
    xmlSchemaFree(compiled);
    xmlSchemaFreeParserCtxt(parser);
}
