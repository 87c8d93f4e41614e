/* A table of operations for tests: notes that are counted and kept nowhere. Included once by each
 * test program, which thereby has this table and no other. */
#ifndef KOPPEL_TEST_TABLE_H
#define KOPPEL_TEST_TABLE_H

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "operation/operation.h"

static atomic_int deeds;   /* how often a note was really made */
static atomic_int slow_ms; /* how long making one takes */
/* Of the call that made the last one: threads make them too. */
static _Atomic(const char *) noted_entrance, noted_address;
static atomic_int failure; /* error code that making one ends in; 0: none */

static const struct field note_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .length_maximum = 40,
     .label = {"Kenmerk", "Id"}, .example = "\"a\""},
    {.name = "amount", .type = FIELD_MONEY, .minimum = "0", .example = "\"1.50\""},
    {.name = "answers", .type = FIELD_OPEN, .label = {"Antwoorden", "Answers"}},
};
static const struct field part_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .required = true},
};
static const struct field part_item = {.name = "part", .type = FIELD_RECORD, .fields = part_fields,
                                  .field_count = 1, .schema = "Part"};
static const struct field note_output[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true},
    {.name = "amount", .type = FIELD_MONEY, .nullable = true},
    {.name = "serial", .type = FIELD_INTEGER, .required = true},
    {.name = "parts", .type = FIELD_LIST, .fields = &part_item},
    {.name = "secret", .type = FIELD_TEXT},
};
static const struct field list_input[] = {
    {.name = "limit", .type = FIELD_INTEGER, .minimum = "1", .maximum = "100"},
};
static const struct field id_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true},
};

static int write_nothing(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    if (failure) return error_set(error, (enum error_code)(int)failure, "made to fail");
    return db_run(tx, error, NULL, "update partner set city = city where id = $1",
                  db_text("nobody"));
}

static int make_note(struct call *call) {
    struct record record;
    const struct value *amount = record_get(&call->input, "amount");
    if (slow_ms > 0) {
        struct timespec pause = {.tv_nsec = (long)slow_ms * 1000000};
        (void)nanosleep(&pause, NULL);
    }
    const char *id = record_get_text(&call->input, "id", call->scratch);
    if (strcmp(id, "forbidden") == 0) {
        return call_refuse(call, 403, "product_not_allowed", "Dit mag niet.", "Not allowed.");
    }
    if (strcmp(id, "faulty") == 0) {
        field_fault_add(&call->faults, "/answers/x", "not_applicable", "x");
        return ERROR_INVALID;
    }
    record_init(&record, call->scratch);
    record_set_text(&record, "id", id);
    record_set(&record, "amount", amount ? *amount : value_null());
    record_set_integer(&record, "serial", deeds + 1);
    call->output = record_value(&record);
    noted_entrance = call->entrance;
    noted_address = call->address;
    int rc = call_write(call, id, write_nothing, NULL);
    if (rc == 0 && !call->replayed) deeds++;
    return rc;
}

/* Of what is sound: a note of too much is wrong as well. */
static void check_note(struct call *call) {
    const struct value *amount = record_get(&call->input, "amount");
    int64_t cents;
    if (amount && decimal_to_int64(amount->number, &cents) && cents > 100)
        field_fault_add(&call->faults, "/amount", "too_much", "Give at most 100.");
}

/* What is never kept: "of ID". */
static int finish_note(struct call *call) {
    struct record record;
    char secret[64];
    const char *id = record_get_text(&call->output, "id", call->scratch);
    const struct value *amount = record_get(&call->output, "amount");
    record_init(&record, call->scratch);
    record_set_text(&record, "id", id);
    record_set(&record, "amount", amount ? *amount : value_null());
    record_set_integer(&record, "serial", record_get_integer(&call->output, "serial", 0));
    record_copy_text(&record, "secret", secret,
                     (size_t)snprintf(secret, sizeof secret, "of %s", id));
    call->output = record_value(&record);
    return 0;
}

static int read_note(struct call *call) {
    struct record record;
    if (strcmp(record_get_text(&call->input, "id", call->scratch), "missing") == 0) {
        return call_not_found(call);
    }
    record_init(&record, call->scratch);
    record_set(&record, "id", *record_get(&call->input, "id"));
    record_set_integer(&record, "serial", 1);
    call->output = record_value(&record);
    return 0;
}

static int list_notes(struct call *call) {
    call->output = value_context(NULL, 0);
    return 0;
}

static const char *const note_refusals[] = {"product_not_allowed", NULL};
static const struct operation note_operations[] = {
    {.name = "MakeNote", .method = "POST", .path = "/notes", .status = 201,
     .summary = {"Maakt een notitie", "Makes a note"}, .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLES_PARTNER_WRITING,
     .input = note_input, .input_count = 3, .output = note_output, .output_count = 5,
     .idempotent_key = true, .audited = true, .rate = RATE_QUOTE, .refusals = note_refusals,
     .check = check_note, .run = make_note, .finish = finish_note},
    {.name = "ListNotes", .method = "GET", .path = "/notes", .status = 200,
     .summary = {"Geeft notities", "Lists notes"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY, .input = list_input, .input_count = 1,
     .output = note_output, .output_count = 4, .rate = RATE_READ, .run = list_notes},
    {.name = "GetNote", .method = "GET", .path = "/notes/{id}", .status = 200,
     .summary = {"Geeft een notitie", "Gives a note"}, .callers = CALLER_NOBODY,
     .input = id_input, .input_count = 1, .output = note_output, .output_count = 4,
     .run = read_note},
    {.name = "GetNewest", .method = "GET", .path = "/notes/newest", .status = 200,
     .summary = {"Geeft de nieuwste", "Gives the newest"}, .callers = 0, .run = list_notes},
    {.name = "GetText", .method = "GET", .path = "/notes/{id}/text", .status = 200, .hidden = true,
     .callers = CALLER_NOBODY, .input = id_input, .input_count = 1, .run = read_note},
    {.name = "RemoveNote", .method = "DELETE", .path = "/notes/{id}", .status = 204,
     .summary = {"Wist een notitie", "Removes a note"}, .callers = CALLER_SECRET_KEY,
     .input = id_input, .input_count = 1, .run = read_note, .deprecated_on = "2026-07-01",
     .sunset_on = "2027-01-01"},
    {.name = "ImportNote", .method = "POST", .path = "/imports", .status = 201,
     .summary = {"Leest een notitie in", "Imports a note"},
     .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLE_ADMINISTRATOR,
     .input = note_input, .input_count = 3, .output = note_output, .output_count = 5,
     .idempotent_key = true, .audited = true, .rate = RATE_READ, .run = make_note},
    {.name = "PinNote", .method = "POST", .path = "/pins", .status = 200,
     .summary = {"Prikt een notitie op", "Pins a note"}, .callers = CALLER_USER,
     .roles = ROLES_ALL, .input = id_input, .input_count = 1, .run = list_notes},
    {.name = "UnpinNote", .method = "DELETE", .path = "/pins", .status = 204,
     .summary = {"Haalt een notitie weg", "Takes a note off"}, .callers = CALLER_USER,
     .run = list_notes},
};
static const struct operation_group notes = {"notes", note_operations,
                                             sizeof note_operations / sizeof *note_operations};
const struct operation_group *const operation_groups[] = {&notes, NULL};
const int operation_group_count = 1;

#endif
