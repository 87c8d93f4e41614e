/* Validates product.xml against its schema with libxml2. Both come as text from memory: no file is
 * opened and nothing is fetched. The document was read by xml.c before, which refuses document
 * types and bounds its depth. */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <stdio.h>
#include <string.h>

#include "product_inside.h"

enum { SCHEMA_MESSAGE_MAX = 320 };

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

static void on_error(void *context, const xmlError *error) {
    char text[SCHEMA_MESSAGE_MAX], place[PROBLEM_PLACE_MAX] = "";
    message_clean(error->message ? error->message : "it does not fit the schema", text);
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
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
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

void product_validate(struct product_reader *reader, const struct source *source,
                      const struct source *schema) {
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
