/* Proofs by name, and one caller made of several proofs. */
#include "auth/caller.h"

#include <stdio.h>
#include <string.h>

static const char *const names[PROOF_COUNT] = {"key", "token", "certificate", "username",
                                               "signature"};
static const char *const entrances[ENTRANCE_COUNT] = {"json", "soap"};

void caller_copy(const struct caller *caller, struct caller *ret_caller) {
    *ret_caller = *caller;
    if (caller->scope.partner_id == caller->partner_id)
        ret_caller->scope.partner_id = ret_caller->partner_id;
    if (caller->scope.partner_id == caller->scope_root)
        ret_caller->scope.partner_id = ret_caller->scope_root;
    if (caller->scope.user_id == caller->user_id)
        ret_caller->scope.user_id = ret_caller->user_id;
}

/* Has it nothing but a certificate, presented or signed with? */
static bool by_certificate_alone(const struct caller *caller) {
    return *caller->certificate_id && !(caller->proved & (PROOF_KEY | PROOF_USERNAME));
}

static bool modes_go_together(const struct caller *keyed, const struct caller *other) {
    return keyed->test == other->test ||
           (keyed->test && !by_certificate_alone(keyed) && by_certificate_alone(other));
}

bool caller_join(struct caller *caller, const struct caller *other) {
    if (caller->kind == CALLER_NOBODY) {
        caller_copy(other, caller);
        return true;
    }
    bool swapped = by_certificate_alone(caller) && !by_certificate_alone(other);
    const struct caller *keyed = swapped ? other : caller, *second = swapped ? caller : other;
    if (keyed->kind != second->kind || strcmp(keyed->partner_id, second->partner_id) != 0 ||
        !modes_go_together(keyed, second))
        return false;
    struct caller joined;
    caller_copy(keyed, &joined);
    joined.proved |= second->proved;
    if (second->proved & PROOF_CERTIFICATE)
        memcpy(joined.certificate, second->certificate, SHA256_BYTES);
    if (!*joined.certificate_id) memcpy(joined.certificate_id, second->certificate_id, ID_MAX);
    for (int at = 0; at < ENTRANCE_COUNT; at++) joined.required[at] |= second->required[at];
    caller_copy(&joined, caller);
    return true;
}

void proof_names(unsigned proofs, char ret_names[PROOF_NAMES_MAX]) {
    size_t length = 0;
    ret_names[0] = '\0';
    for (int at = 0; at < PROOF_COUNT; at++) {
        if (!(proofs & 1u << at)) continue;
        length += (size_t)snprintf(ret_names + length, PROOF_NAMES_MAX - length, "%s%s",
                                   length ? "," : "", names[at]);
    }
}

bool proof_read_names(const char *text, unsigned *ret_proofs) {
    unsigned proofs = 0;
    if (strcmp(text, "none") == 0) text = "";
    while (*text) {
        size_t length = strcspn(text, ",");
        int at = 0;
        while (at < PROOF_COUNT &&
               (strlen(names[at]) != length || memcmp(names[at], text, length) != 0))
            at++;
        if (at == PROOF_COUNT || (text[length] == ',' && !text[length + 1])) return false;
        proofs |= 1u << at;
        text += length + (text[length] == ',');
    }
    *ret_proofs = proofs;
    return true;
}

unsigned proof_possible(enum entrance_kind entrance) {
    unsigned anywhere = PROOF_KEY | PROOF_TOKEN | PROOF_CERTIFICATE;
    return entrance == ENTRANCE_SOAP ? anywhere | PROOF_USERNAME | PROOF_SIGNATURE : anywhere;
}

const char *entrance_name(enum entrance_kind entrance) { return entrances[entrance]; }
