/* Where a partner works: ranges of postcodes, set as a whole. */
#include <stdio.h>
#include <stdlib.h>

#include "partner_common.h"

#define POSTCODE_FIELD(name_, nl_, en_)                                                           \
    {.name = name_, .type = FIELD_INTEGER, .required = true, .minimum = "1000",                   \
     .maximum = "9999", .label = {nl_, en_}}
static const struct field range_fields[] = {
    POSTCODE_FIELD("from_postcode", "van postcode", "from postcode"),
    POSTCODE_FIELD("to_postcode", "tot en met postcode", "up to postcode")};
static const struct field range_item[] = {
    {.name = "territory", .type = FIELD_RECORD, .required = true, .fields = range_fields,
     .field_count = 2, .schema = "PartnerTerritory"}};
#define RANGES_FIELD                                                                              \
    {.name = "territories", .type = FIELD_LIST, .required = true, .fields = range_item,           \
     .field_count = 1, .length_maximum = PARTNER_TERRITORIES_MAX,                                 \
     .label = {"postcodes", "postcodes"},                                                         \
     .help = {"De vier cijfers, per reeks; leeg: geen vast gebied.",                              \
              "The four digits, by range; empty: no territory of its own."},                      \
     .example = "[{\"from_postcode\":3500,\"to_postcode\":3599}]"}

static const struct field id_input[] = {PARTNER_ID_FIELD};
static const struct field write_input[] = {PARTNER_ID_FIELD, RANGES_FIELD};
static const struct field output[] = {RANGES_FIELD};

struct territories {
    const char *partner_id;
    struct partner_territory *items;
    int count;
};

static int territories_answer(struct call *call, const struct territories *territories) {
    struct list list;
    struct record output_record;
    list_init(&list, call->scratch);
    for (int i = 0; i < territories->count; i++) {
        struct record record;
        record_init(&record, call->scratch);
        record_set_integer(&record, "from_postcode", territories->items[i].from_postcode);
        record_set_integer(&record, "to_postcode", territories->items[i].to_postcode);
        list.failed |= record.failed;
        list_add(&list, record_value(&record));
    }
    record_init(&output_record, call->scratch);
    record_set(&output_record, "territories", list_value(&list));
    if (list.failed || output_record.failed) return partner_no_scratch(call);
    call->output = record_value(&output_record);
    return 0;
}

static int territories_begin(struct call *call, struct territories *territories) {
    *territories = (struct territories){.count = 0};
    int status = partner_id_of(call, "id", "ptr", &territories->partner_id);
    if (status) return status;
    territories->items =
        scratch_take(call->scratch, PARTNER_TERRITORIES_MAX * sizeof *territories->items);
    return territories->items ? 0 : partner_no_scratch(call);
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct territories *territories = context;
    return partner_territory_list(tx, territories->partner_id, error, territories->items,
                                  &territories->count);
}

static int get_territories(struct call *call) {
    struct territories territories;
    int status = territories_begin(call, &territories);
    if (!status) status = partner_read_of(call, territories.partner_id, list_body, &territories);
    return status ? status : territories_answer(call, &territories);
}

static int compare(const void *a, const void *b) {
    const struct partner_territory *one = a, *other = b;
    return one->from_postcode - other->from_postcode;
}

static int input_take(struct call *call, struct territories *territories) {
    const struct value *given = record_get(&call->input, "territories");
    for (uint32_t i = 0; i < given->length && i < PARTNER_TERRITORIES_MAX; i++) {
        const struct value *range = &given->items[i];
        struct partner_territory *item = &territories->items[territories->count++];
        *item = (struct partner_territory){
            .from_postcode = (int)record_get_integer(range, "from_postcode", 0),
            .to_postcode = (int)record_get_integer(range, "to_postcode", 0)};
        if (item->from_postcode <= item->to_postcode) continue;
        char pointer[FIELD_POINTER_MAX];
        snprintf(pointer, sizeof pointer, "/territories/%u/to_postcode", i);
        partner_fault(call, pointer, "too_small", "De laatste postcode ligt voor de eerste.",
                      "The last postcode lies before the first.");
    }
    qsort(territories->items, (size_t)territories->count, sizeof *territories->items, compare);
    for (int i = 1; i < territories->count; i++)
        if (territories->items[i].from_postcode <= territories->items[i - 1].to_postcode) {
            partner_fault(call, "/territories", "overlap",
                          "Twee reeksen overlappen elkaar: voeg ze samen.",
                          "Two ranges overlap: make them one.");
            break;
        }
    return call->faults.count ? ERROR_INVALID : 0;
}

static int write_body(struct db_tx *tx, void *context, struct error *error) {
    const struct territories *territories = context;
    return partner_territory_write(tx, territories->partner_id, territories->items,
                                   territories->count, error);
}

static int put_territories(struct call *call) {
    struct territories territories;
    int status = territories_begin(call, &territories);
    if (!status) status = input_take(call, &territories);
    if (!status) status = territories_answer(call, &territories);
    if (status) return status;
    const struct value_entry entry =
        record_entry("territories", *record_get(&call->output, "territories"));
    struct partner_deed deed = {.body = write_body,
                                .context = &territories,
                                .event = {.partner_id = territories.partner_id,
                                          .kind = "territories_changed",
                                          .detail = partner_detail(call, &entry, 1)}};
    if (!deed.event.detail) return partner_no_scratch(call);
    return partner_do(call, territories.partner_id, &deed);
}

static const struct operation operations[] = {
    {PARTNER_READING("GetPartnerTerritories", "/partners/{id}/territories",
                     "Werkgebied van een partner", "Territory of a partner", id_input, output, 1,
                     get_territories)},
    {PARTNER_DOING("PutPartnerTerritories", "PUT", "/partners/{id}/territories",
                   "Stel het werkgebied van een partner in", "Set the territory of a partner",
                   write_input, output, 1, 200, put_territories),
     .roles = ROLES_PARTNERS_WRITING}};

extern const struct operation_group api_partner_territories;
const struct operation_group api_partner_territories = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};
