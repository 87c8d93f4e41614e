/* The reason of a choice: as JSON, and in words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/lead_assign.h"
#include "message/json.h"
#include "message/record.h"

enum { SCRATCH_BYTES = 16 * 1024, SEED_HEX = 16 };

/* ---- JSON ----------------------------------------------------------------------------------- */
static void sifting_write(const struct lead_sifting *sifting, struct buffer *buffer) {
    buffer_format(buffer, "{\"rule\":\"%s\",\"required\":%s,\"left\":%d",
                  lead_rule_kinds[sifting->kind].code, sifting->required ? "true" : "false",
                  sifting->left);
    if (sifting->relaxed) buffer_text(buffer, ",\"relaxed\":true");
    if (sifting->widened) buffer_text(buffer, ",\"widened\":true");
    buffer_char(buffer, '}');
}

/* Names in the order in which the reader of JSON expects none in particular. */
void lead_reason_write(const struct lead_reason *reason, struct buffer *buffer) {
    buffer_format(buffer, "{\"by_hand\":%s,\"considered\":%d,\"rules_revision\":%" PRId64,
                  reason->by_hand ? "true" : "false", reason->considered, reason->rules_revision);
    buffer_text(buffer, ",\"rules\":[");
    for (int i = 0; i < reason->sifting_count; i++) {
        if (i) buffer_char(buffer, ',');
        sifting_write(&reason->siftings[i], buffer);
    }
    buffer_char(buffer, ']');
    if (*reason->partner_id) buffer_format(buffer, ",\"partner\":\"%s\"", reason->partner_id);
    if (reason->weight_sum) {
        /* As text: a number of 64 bits is more than every reader of JSON holds. */
        buffer_format(buffer, ",\"seed\":\"%016" PRIx64 "\",\"weight\":%d,\"weight_sum\":%d",
                      reason->seed, reason->weight, reason->weight_sum);
        if (reason->grade) buffer_format(buffer, ",\"grade\":\"%c\"", reason->grade);
    }
    buffer_char(buffer, '}');
}

static bool kind_read(const struct value *rule, enum lead_rule_kind *ret_kind) {
    for (int kind = 0; kind < LEAD_RULE_KINDS; kind++) {
        if (!record_text_is(rule, "rule", lead_rule_kinds[kind].code)) continue;
        *ret_kind = (enum lead_rule_kind)kind;
        return true;
    }
    return false;
}

static bool siftings_read(const struct value *rules, struct lead_reason *reason) {
    if (!rules || rules->kind != VALUE_LIST || rules->length > LEAD_RULES_MAX) return false;
    for (uint32_t i = 0; i < rules->length; i++) {
        const struct value *rule = &rules->items[i];
        struct lead_sifting *sifting = &reason->siftings[reason->sifting_count++];
        if (rule->kind != VALUE_CONTEXT || !kind_read(rule, &sifting->kind)) return false;
        sifting->required = record_get_boolean(rule, "required", false);
        sifting->relaxed = record_get_boolean(rule, "relaxed", false);
        sifting->widened = record_get_boolean(rule, "widened", false);
        sifting->left = (int)record_get_integer(rule, "left", 0);
    }
    return true;
}

bool lead_reason_read(const char *json, size_t length, struct lead_reason *ret_reason) {
    char memory[SCRATCH_BYTES];
    struct scratch scratch;
    struct json_fault fault;
    struct value value;
    struct lead_reason reason = {0};
    scratch_init(&scratch, memory, sizeof memory);
    if (json_read(json, length, NULL, &scratch, &fault, &value) || value.kind != VALUE_CONTEXT ||
        !siftings_read(record_get(&value, "rules"), &reason))
        return false;
    const char *partner = record_get_text(&value, "partner", &scratch);
    const char *seed = record_get_text(&value, "seed", &scratch);
    const char *grade = record_get_text(&value, "grade", &scratch);
    if (partner) snprintf(reason.partner_id, sizeof reason.partner_id, "%s", partner);
    if (seed && strlen(seed) == SEED_HEX) reason.seed = strtoull(seed, NULL, 16);
    reason.grade = grade ? *grade : '\0';
    reason.by_hand = record_get_boolean(&value, "by_hand", false);
    reason.considered = (int)record_get_integer(&value, "considered", 0);
    reason.rules_revision = record_get_integer(&value, "rules_revision", 0);
    reason.weight = (int)record_get_integer(&value, "weight", 0);
    reason.weight_sum = (int)record_get_integer(&value, "weight_sum", 0);
    *ret_reason = reason;
    return true;
}

/* ---- words ---------------------------------------------------------------------------------- */
static void sifting_words(const struct lead_sifting *sifting, bool english,
                          struct buffer *buffer) {
    const struct text *label = &lead_rule_kinds[sifting->kind].label;
    const char *name = english ? label->en : label->nl;
    if (sifting->relaxed)
        buffer_format(buffer,
                      english ? " Of none of them is it true that %s: that was passed over."
                              : " Van geen daarvan geldt dat %s: daarom is dat overgeslagen.",
                      name);
    else if (sifting->widened)
        buffer_format(buffer,
                      english ? " The postcode lies in nobody's territory; %d work everywhere."
                              : " De postcode ligt in niemands werkgebied; %d werken overal.",
                      sifting->left);
    else
        buffer_format(buffer,
                      english ? " Of %d it is true that %s." : " Van %d geldt dat %s.",
                      sifting->left, name);
}

static void draw_words(const struct lead_reason *reason, bool english, const char *name,
                       struct buffer *buffer) {
    buffer_format(buffer, english ? " Of these %s was drawn" : " Daarvan is %s geloot",
                  name ? name : english ? "one" : "er een");
    if (reason->grade)
        buffer_format(buffer,
                      english ? ", with grade %c: weight %d of %d."
                              : ", met klasse %c: gewicht %d van %d.",
                      reason->grade - 'a' + 'A', reason->weight, reason->weight_sum);
    else
        buffer_format(buffer, english ? ", with weight %d of %d." : ", met gewicht %d van %d.",
                      reason->weight, reason->weight_sum);
}

void lead_reason_words(const struct lead_reason *reason, enum language language,
                       const char *partner_name, struct buffer *buffer) {
    bool english = language == LANGUAGE_EN;
    if (reason->by_hand) {
        buffer_text(buffer, english ? "Chosen by somebody of the organisation."
                                    : "Gekozen door iemand van de organisatie.");
        return;
    }
    buffer_format(buffer,
                  english ? "%d offices were looked at." : "Er is gekeken naar %d kantoren.",
                  reason->considered);
    for (int i = 0; i < reason->sifting_count; i++)
        sifting_words(&reason->siftings[i], english, buffer);
    if (reason->weight_sum) draw_words(reason, english, partner_name, buffer);
    else buffer_text(buffer, english ? " Nobody is left." : " Er blijft niemand over.");
}
