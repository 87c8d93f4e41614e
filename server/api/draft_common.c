/* What drafts.c and draft_steps.c share. */
#include "draft_common.h"

#include <string.h>

#include "base/id.h"

const struct field_choice draft_states[DRAFT_STATES] = {
    {"draft", {"concept", "draft"}},
    {"approved", {"goedgekeurd", "approved"}},
    {"active", {"actief", "active"}},
    {"withdrawn", {"ingetrokken", "withdrawn"}}};

const struct field draft_fields[DRAFT_FIELD_COUNT] = {DRAFT_FIELDS};

int draft_no_scratch(struct call *call) {
    return error_set(&call->error, ERROR_TOO_LARGE, "a draft needs more scratch memory");
}

void draft_set(struct record *record, const struct draft *draft) {
    record_copy_given(record, "id", draft->id);
    record_set_boolean(record, "test", draft->test);
    record_copy_given(record, "product", draft->product);
    record_set_integer(record, "interface", draft->interface);
    record_copy_given(record, "hash", draft->hash);
    record_copy_given(record, "effective_from", draft->effective_from);
    record_set_text(record, "state", draft_state_text(draft->state));
    record_copy_given(record, "drafted_by", draft->drafted_by);
    record_set_instant(record, "created_at", draft->created_us);
    if (draft->version_number)
        record_set_integer(record, "product_version", draft->version_number);
    else
        record_set(record, "product_version", value_null());
}

int draft_caller(struct call *call, char ret_by[DRAFT_BY_MAX]) {
    const struct caller *caller = &call->caller;
    return draft_by_make(caller->kind == CALLER_USER ? "user" : "organisation",
                         caller_counted_id(caller), &call->error, ret_by);
}

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct draft_reading *reading = context;
    int status = draft_read(tx, reading->id, reading->test, error, &reading->draft);
    return status ? status : draft_events_read(tx, reading->id, error, &reading->events);
}

int draft_of_input(struct call *call, struct draft_reading **ret_reading) {
    struct draft_reading *reading = scratch_take(call->scratch, sizeof *reading);
    if (!reading) return draft_no_scratch(call);
    *reading = (struct draft_reading){.id = record_get_text(&call->input, "id", call->scratch),
                                      .test = call->caller.test};
    if (!reading->id) return draft_no_scratch(call);
    if (!id_valid("pdr", reading->id, strlen(reading->id)))
        return call_not_found(call);
    int status = call_read(call, read_body, reading);
    if (!status) *ret_reading = reading;
    if (status != ERROR_NOT_FOUND) return status;
    error_clear(&call->error);
    return call_not_found(call);
}
