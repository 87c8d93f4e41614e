/* Which version of the JSON API a call speaks, and what that asks around its handler: its input is
 * checked as that version has it and taken up to the newest; its output, or the pointers of its
 * faults, are taken down. A call of the newest version comes past here with one look at a flag.
 *
 * Answers are kept with idempotency keys in the newest form, so that one replay serves callers of
 * every version. One that was kept by a program before a version still has the older names: who
 * speaks the older version, as keys of that day do, is answered the same. */
#include <stdio.h>
#include <string.h>

#include "dispatcher.h"
#include "message/api_version.h"

void call_choose_version(struct call *call, const struct request *request,
                         struct answer *ret_answer) {
    /* Nobody in particular has no key, and so no pin. */
    int version = call->caller.kind == CALLER_NOBODY ? api_version_count - 1
                                                     : call->caller.version;
    if (request->version && !api_version_read(request->version, &version)) return;
    ret_answer->version = api_version_date(version);
    if (request->entrance == ENTRANCE_JSON && !request->caller) call_set_version(call, version);
}

void call_set_version(struct call *call, int version) {
    call->version = version;
    call->older = version < api_version_count - 1 &&
                  api_version_differs(version, call->operation->name);
}

int call_refuse_version(struct call *call) {
    char known[API_VERSION_LIST_MAX], nl[sizeof call->refusal.detail],
        en[sizeof call->refusal.detail];
    api_version_list(known);
    (void)snprintf(nl, sizeof nl,
                   "Deze versie van de API bestaat niet: laat Koppel-Version weg voor de versie "
                   "van uw sleutel, of neem een van %s.", known);
    (void)snprintf(en, sizeof en,
                   "There is no such version of the API: leave Koppel-Version out for the version "
                   "of your key, or take one of %s.", known);
    return call_refuse(call, 400, "unknown_version", nl, en);
}

static int out_of_scratch(struct call *call) {
    return error_set(&call->error, ERROR_NO_MEMORY, "%s: an older version needs more scratch",
                     call->operation->name);
}

/* ---- up ------------------------------------------------------------------------------------- */

/* What is wrong by the older fields is told in their words. The newest form is then checked for its
 * sound fields; what is wrong there was told already, unless nothing was. */
int call_check_older(struct call *call, const struct value *input) {
    const struct operation *operation = call->operation;
    struct field whole = {.name = "", .type = FIELD_RECORD, .fields = operation->input,
                          .field_count = operation->input_count,
                          .label = {"Het bericht", "The message"}};
    struct field_check check = {.language = call->language, .lexical = call->lexical,
                                .pointer = "", .scratch = call->scratch,
                                .faults = &call->faults};
    struct value newest = *input, unused;
    struct field_faults *faults = &call->faults;
    if (!api_version_fields(call->version, operation->name, API_INPUT, call->scratch,
                            &whole.fields, &whole.field_count))
        return out_of_scratch(call);
    bool good = field_check_partly(&check, &whole, input, &unused);
    if (!api_version_up(call->version, operation->name, call->scratch, &newest))
        return out_of_scratch(call);
    int told = faults->count;
    bool more = faults->more;
    int rc = call_check_fields(call, &newest);
    if (!good && told == 0) return out_of_scratch(call);
    if (!good) {
        faults->count = told;
        faults->more = more;
        rc = ERROR_INVALID;
    }
    call->older_faults = told;
    return rc;
}

/* ---- down ----------------------------------------------------------------------------------- */

static int output_down(struct call *call) {
    const char *name = call->operation->name;
    bool down = api_version_fields(call->version, name, API_OUTPUT, call->scratch,
                                   &call->output_fields, &call->output_count) &&
                api_version_down(call->version, name, call->scratch, &call->output);
    return down ? 0 : out_of_scratch(call);
}

int call_speak_version(struct call *call, int rc) {
    if (!call->older) return rc;
    if (rc == 0) return output_down(call);
    for (int at = call->older_faults; at < call->faults.count; at++)
        api_version_point(call->version, call->operation->name, call->faults.items[at].pointer);
    return rc;
}
