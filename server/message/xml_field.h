/* XML from and to the field descriptors that serve JSON: an element per field, with the field's
 * name, in one namespace. A list is an element that holds its items, each under the name of the
 * item's descriptor. A null is xsi:nil="true".
 *
 * Open values (FIELD_OPEN) come in as answers by name, <answer name="birth_date">…</answer>, with
 * <record name="travellers"> around the answers of each record of a list, and an answer that is
 * given several times is a list. They go out as JSON text: their shape is only known to who reads
 * them. */
#ifndef KOPPEL_MESSAGE_XML_FIELD_H
#define KOPPEL_MESSAGE_XML_FIELD_H

#include "field.h"
#include "xml_tree.h"

#define XML_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"

enum {
    XML_UNKNOWN_MAX = 50,  /* unknown elements in a record that are told of */
    XML_ANSWERS_MAX = 256, /* names of answers in an open value, or in a record of one */
    XML_TYPES_MAX = 200    /* named types in a schema */
};

struct xml_decoding {
    const char *namespace;  /* of the elements; none at all is taken too */
    enum language language;
    struct scratch *scratch;
    struct field_faults *faults; /* what cannot be said in a value: pointers begin at "" */
};
/* The children of `node` as an unchecked context, for a check in lexical mode: unknown elements are
 * left in it for that to tell of. What is wrong with the XML itself becomes a fault. False: scratch
 * is used up. */
bool field_decode_xml(const struct xml_decoding *decoding, const struct field *fields,
                      int field_count, const struct xml_node *node, struct value *ret_value);

/* Appends the fields as elements without a prefix, in the order of the descriptors; a nullable one
 * without a value is xsi:nil, which `xsi` must be declared for. */
void field_encode_xml(const struct field *fields, int field_count, const struct value *value,
                      struct buffer *buffer);
/* Appends text for an element or an attribute; what XML cannot carry becomes U+FFFD. */
void xml_write_text(const char *text, size_t length, struct buffer *buffer);

/* Writes XML Schema (1.0): xs: for its own namespace, tns: for the types. Descriptors with a
 * `schema` name become types of that name, once, others stand inline. */
struct xml_schema {
    struct buffer *buffer;
    enum language language; /* of the documentation */
    const char *open_type; /* of open values that come in; NULL: "Answers" */
    bool open_used;        /* one was referred to */
    bool output; /* what is written is an answer: open values are JSON, nullable is nillable */
    const struct field *types[XML_TYPES_MAX]; /* that were referred to */
    bool types_output[XML_TYPES_MAX];
    int type_count, types_written;
};
/* Appends xs:element declarations, for in an xs:sequence. */
void field_schema_xml(struct xml_schema *schema, const struct field *fields, int field_count);
/* Appends the named types that were referred to, and those that these refer to. */
void field_schema_xml_types(struct xml_schema *schema);

#endif
