/* What openapi.json says of an installation's products: a schema of the answers for each interface,
 * and requests that take answers as one of several, told apart by their `product`. Their names hold
 * a `_`, which no other has. How answers are described is the products' own business: their schemas
 * come with the call. */
#include <stdio.h>
#include <string.h>

#include "openapi.h"

static const char answers_name[] = "Answers", acceptance_name[] = "AcceptanceAnswers";
static const char changed_name[] = "ChangedAnswers";

static struct value text_of(const char *text) {
    return value_text(text, strlen(text));
}

bool openapi_knows_product(const struct document *document, const struct value *product) {
    for (int at = 0; at < document->interface_count; at++) {
        const char *name = document->interfaces[at].product;
        if (product->kind == VALUE_TEXT && product->length == strlen(name) &&
            memcmp(product->text, name, product->length) == 0)
            return true;
    }
    return document->interface_count == 0;
}

/* "Answers_auto_i1" */
static struct value name_of(struct document *document, const char *kind,
                            const struct openapi_interface *interface) {
    return openapi_format(document, "%s_%s_i%d", kind, interface->product, interface->number);
}

static struct value reference_to(struct document *document, struct value name) {
    if (document->failed) return value_null();
    return openapi_reference(document, "schemas", name.text);
}

/* ---- answers -------------------------------------------------------------------------------- */
static void set_answers(struct document *document, const char *kind,
                        const struct openapi_interface *interface, const struct value *answers,
                        struct record *schemas) {
    struct value name = name_of(document, kind, interface);
    struct record schema;
    if (document->failed) return;
    record_init(&schema, document->scratch);
    for (uint32_t at = 0; at < answers->length; at++)
        record_set(&schema, answers->entries[at].name, answers->entries[at].value);
    if (interface->deprecated) record_set_boolean(&schema, "deprecated", true);
    record_set(schemas, name.text, openapi_finish(document, &schema));
}

/* Of a change of a policy: the same questions, with each left out that does not change, and so
 * without what one answer says of others. */
static struct value changed_of(struct document *document, const struct value *answers) {
    static const char *const left_out[] = {"required", "allOf", "examples"};
    struct record schema;
    record_init(&schema, document->scratch);
    for (uint32_t at = 0; at < answers->length; at++) {
        bool kept = true;
        for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
            kept &= strcmp(answers->entries[at].name, left_out[i]) != 0;
        if (kept) record_set(&schema, answers->entries[at].name, answers->entries[at].value);
    }
    return openapi_finish(document, &schema);
}

void openapi_set_interfaces(struct document *document, struct record *schemas) {
    for (int at = 0; at < document->interface_count; at++) {
        const struct openapi_interface *interface = &document->interfaces[at];
        set_answers(document, answers_name, interface, &interface->answers, schemas);
        if (interface->acceptance.kind != VALUE_CONTEXT) continue;
        set_answers(document, acceptance_name, interface, &interface->acceptance, schemas);
        struct value changed = changed_of(document, &interface->answers);
        set_answers(document, changed_name, interface, &changed, schemas);
    }
}

/* ---- requests ------------------------------------------------------------------------------- */
/* One of them, or any of several; null when there are none. */
static struct value any_of(struct document *document, const struct list *references) {
    struct record any;
    if (references->count == 0) return value_null();
    if (references->count == 1) return references->items[0];
    record_init(&any, document->scratch);
    record_set(&any, "anyOf", openapi_finish_list(document, references));
    return openapi_finish(document, &any);
}

/* The answers of a product, in any of its interfaces. */
static struct value answers_of(struct document *document, const char *product) {
    struct list references;
    list_init(&references, document->scratch);
    for (int at = 0; at < document->interface_count; at++) {
        const struct openapi_interface *interface = &document->interfaces[at];
        if (strcmp(interface->product, product) != 0) continue;
        list_add(&references,
                 reference_to(document, name_of(document, answers_name, interface)));
    }
    return any_of(document, &references);
}

/* Of that kind, of whatever product can have policies. */
static struct value policies_of(struct document *document, const char *kind) {
    struct list references;
    list_init(&references, document->scratch);
    for (int at = 0; at < document->interface_count; at++) {
        const struct openapi_interface *interface = &document->interfaces[at];
        if (interface->acceptance.kind != VALUE_CONTEXT) continue;
        list_add(&references, reference_to(document, name_of(document, kind, interface)));
    }
    return any_of(document, &references);
}

/* The schema with other properties: of a product (NULL: as it is), and of answers. */
static struct value with_answers(struct document *document, const struct value *schema,
                                 const char *product, struct value answers) {
    struct record whole, properties, constant;
    const struct value *before = record_get(schema, "properties");
    record_init(&constant, document->scratch);
    record_set_text(&constant, "type", "string");
    if (product) record_set_text(&constant, "const", product);
    record_init(&properties, document->scratch);
    for (uint32_t at = 0; before && at < before->length; at++) {
        const struct value_entry *entry = &before->entries[at];
        bool named = product && strcmp(entry->name, "product") == 0;
        bool typed = strcmp(entry->name, "answers") == 0;
        record_set(&properties, entry->name,
                   named ? openapi_finish(document, &constant)
                         : typed ? answers : entry->value);
    }
    record_init(&whole, document->scratch);
    for (uint32_t at = 0; at < schema->length; at++) {
        const struct value_entry *entry = &schema->entries[at];
        record_set(&whole, entry->name,
                   strcmp(entry->name, "properties") == 0 ? openapi_finish(document, &properties)
                                                          : entry->value);
    }
    return openapi_finish(document, &whole);
}

static void set_by_product(struct document *document, const char *name, struct value schema,
                           struct record *schemas) {
    struct list references;
    struct record either, discriminator, mapping;
    list_init(&references, document->scratch);
    record_init(&mapping, document->scratch);
    for (int at = 0; at < document->interface_count && !document->failed; at++) {
        const char *product = document->interfaces[at].product;
        if (at > 0 && strcmp(document->interfaces[at - 1].product, product) == 0) continue;
        struct value own = openapi_format(document, "%s_%s", name, product);
        struct value target = openapi_format(document, "%s%s_%s", openapi_schemas, name, product);
        if (document->failed) return;
        record_set(schemas, own.text,
                   with_answers(document, &schema, product, answers_of(document, product)));
        list_add(&references, reference_to(document, own));
        record_set(&mapping, product, target);
    }
    record_init(&discriminator, document->scratch);
    record_set(&discriminator, "propertyName", text_of("product"));
    record_set(&discriminator, "mapping", openapi_finish(document, &mapping));
    record_init(&either, document->scratch);
    record_set(&either, "oneOf", openapi_finish_list(document, &references));
    record_set(&either, "discriminator", openapi_finish(document, &discriminator));
    record_set(schemas, name, openapi_finish(document, &either));
}

void openapi_set_request(struct document *document, const struct operation *operation,
                         const char *name, struct value schema, struct record *schemas) {
    if (document->interface_count > 0 && operation_takes_answers(operation)) {
        set_by_product(document, name, schema, schemas);
        return;
    }
    struct value answers = operation->acceptance ? policies_of(document, acceptance_name)
                           : operation->changing ? policies_of(document, changed_name)
                                                 : value_null();
    record_set(schemas, name,
               answers.kind == VALUE_NULL ? schema
                                          : with_answers(document, &schema, NULL, answers));
}
