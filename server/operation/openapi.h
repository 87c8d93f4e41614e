/* What the files that write openapi.json share. Not used outside this folder. */
#ifndef KOPPEL_OPERATION_OPENAPI_H
#define KOPPEL_OPERATION_OPENAPI_H

#include "operation.h"

struct document {
    enum language language;
    struct scratch *scratch;
    int version; /* of the API: message/api_version.h */
    const struct openapi_interface *interfaces;
    int interface_count;
    bool failed;
};

/* A problem answer that operations refer to by name. */
struct problem_kind {
    const char *name; /* of the component */
    int status;
    const char *code; /* the usual one, for the example */
    struct text description;
};
extern const struct problem_kind problem_kinds[];
extern const int problem_kind_count;

extern const char openapi_schemas[]; /* "#/components/schemas/" */

/* { "$ref": "#/components/<kind>/<name>" } */
struct value openapi_reference(struct document *document, const char *kind, const char *name);
struct value openapi_format(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct value openapi_text(const struct document *document, const char *nl, const char *en);
/* The row as it is in the document's version; the row itself when the document has failed. */
const struct operation *openapi_operation(struct document *document,
                                          const struct operation *operation);
/* The record's value; the document fails with it. */
struct value openapi_finish(struct document *document, const struct record *record);
struct value openapi_finish_list(struct document *document, const struct list *list);

void openapi_set_headers(struct document *document, const struct operation *operation,
                         struct record *headers);

/* Adds a request's schema under its name, typed by the products where it depends on them. */
void openapi_set_request(struct document *document, const struct operation *operation,
                         const char *name, struct value schema, struct record *schemas);
/* The schemas of the products' answers. */
void openapi_set_interfaces(struct document *document, struct record *schemas);
/* Is that product among those of the document, or is the document of none? */
bool openapi_knows_product(const struct document *document, const struct value *product);

/* Of an operation that has `each`. */
struct value openapi_items_body(struct document *document, const struct operation *operation,
                                struct record *schemas);
struct value openapi_items_answer(struct document *document, const struct operation *operation,
                                  struct record *schemas);

/* Headers, parameters, security schemes, problem answers; and schemas of Problem. */
void openapi_set_parts(struct document *document, const char *public_url,
                       struct record *components);
bool openapi_problem_schema(struct document *document, struct value *ret_schema);

#endif
