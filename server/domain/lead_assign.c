/* Sifting by rules, and the draw. */
#include "domain/lead_assign.h"

#include <string.h>

const struct field_choice lead_rule_kinds[LEAD_RULE_KINDS] = {
    [LEAD_RULE_ACTIVE] = {"active", {"het kantoor is actief", "the office is active"}},
    [LEAD_RULE_DECLINED] = {"declined",
                            {"het kantoor liet deze lead niet eerder gaan",
                             "the office did not let this lead go before"}},
    [LEAD_RULE_PRODUCT] = {"product",
                           {"het kantoor mag het product verkopen",
                            "the office may sell the product"}},
    [LEAD_RULE_LICENCE] = {"licence", {"de vergunning is geldig", "the licence is in force"}},
    [LEAD_RULE_TERRITORY] = {"territory",
                             {"de postcode ligt in het werkgebied",
                              "the postcode lies in the territory"}},
    [LEAD_RULE_LANGUAGE] = {"language",
                            {"iemand spreekt de taal", "somebody speaks the language"}},
    [LEAD_RULE_CERTIFIED] = {"certified",
                             {"iemand heeft een geldig diploma",
                              "somebody has a diploma in force"}},
    [LEAD_RULE_LOAD] = {"load", {"er is ruimte voor meer leads", "there is room for more leads"}},
    [LEAD_RULE_GRADE] = {"grade", {"de klasse heeft gewicht", "the grade has weight"}}};

const struct lead_rule lead_rules_default[LEAD_RULE_KINDS] = {
    {.kind = LEAD_RULE_ACTIVE, .required = true},
    {.kind = LEAD_RULE_DECLINED, .required = true},
    {.kind = LEAD_RULE_PRODUCT, .required = true},
    {.kind = LEAD_RULE_LICENCE, .required = true},
    {.kind = LEAD_RULE_TERRITORY},
    {.kind = LEAD_RULE_LANGUAGE},
    {.kind = LEAD_RULE_CERTIFIED},
    {.kind = LEAD_RULE_LOAD, .required = true, .value = 25},
    {.kind = LEAD_RULE_GRADE, .required = true, .weights = {4, 3, 2, 1, 1}}};

/* ---- checking rules ------------------------------------------------------------------------- */
static bool grade_sound(const struct lead_rule *rule) {
    int sum = 0;
    for (int i = 0; i < LEAD_GRADES; i++) {
        if (rule->weights[i] < 0 || rule->weights[i] > LEAD_WEIGHT_MAX) return false;
        sum += rule->weights[i];
    }
    return sum > 0;
}

const struct text *lead_rules_wrong(const struct lead_rule *rules, int count) {
    static const struct text
        many = {"Noem niet meer dan negen regels.", "Name no more than nine rules."},
        twice = {"Elke regel mag één keer voorkomen.", "Each rule may occur once."},
        missing = {"De regels active, declined en product horen erbij, en zijn verplicht.",
                   "The rules active, declined and product belong to it, and are required."},
        load = {"load: noem een aantal leads van 1 tot en met 10000.",
                "load: name a number of leads from 1 to 10000."},
        grade = {"grade: noem gewichten van 0 tot en met 1000, waarvan er een boven 0 ligt.",
                 "grade: name weights from 0 to 1000, at least one of them above 0."};
    unsigned seen = 0, required = 0;
    if (count > LEAD_RULE_KINDS) return &many;
    for (int i = 0; i < count; i++) {
        unsigned bit = 1u << rules[i].kind;
        if (seen & bit) return &twice;
        seen |= bit;
        required |= rules[i].required ? bit : 0;
        if (rules[i].kind == LEAD_RULE_LOAD &&
            (rules[i].value < 1 || rules[i].value > LEAD_LOAD_MAX))
            return &load;
        if (rules[i].kind == LEAD_RULE_GRADE && !grade_sound(&rules[i])) return &grade;
    }
    unsigned needed =
        1u << LEAD_RULE_ACTIVE | 1u << LEAD_RULE_DECLINED | 1u << LEAD_RULE_PRODUCT;
    return (required & needed) == needed ? NULL : &missing;
}

/* ---- sifting -------------------------------------------------------------------------------- */
static int weight_of(const struct lead_rule *grade, const struct lead_candidate *candidate) {
    int at = candidate->grade >= 'a' && candidate->grade <= 'd' ? candidate->grade - 'a' : 4;
    return grade ? grade->weights[at] : 1;
}

/* Does it pass? `place` is the least of territory that does. */
static bool passes(const struct lead_rule *rule, enum lead_place place,
                   const struct lead_candidate *candidate) {
    switch (rule->kind) {
    case LEAD_RULE_ACTIVE: return candidate->active;
    case LEAD_RULE_DECLINED: return !candidate->declined;
    case LEAD_RULE_PRODUCT: return candidate->sells;
    case LEAD_RULE_LICENCE: return candidate->licensed;
    case LEAD_RULE_TERRITORY: return candidate->place == place;
    case LEAD_RULE_LANGUAGE: return candidate->speaks;
    case LEAD_RULE_CERTIFIED: return candidate->certified;
    case LEAD_RULE_LOAD: return candidate->open_leads < rule->value;
    default: return weight_of(rule, candidate) > 0;
    }
}

static int count_passing(const struct lead_rule *rule, enum lead_place place,
                         const struct lead_candidate *candidates, int count) {
    int passing = 0;
    for (int i = 0; i < count; i++)
        passing += candidates[i].left && passes(rule, place, &candidates[i]);
    return passing;
}

/* How many are left after it. */
static int sift(const struct lead_rule *rule, struct lead_candidate *candidates, int count,
                int before, struct lead_sifting *ret_sifting) {
    enum lead_place place = LEAD_PLACE_INSIDE;
    bool territory = rule->kind == LEAD_RULE_TERRITORY;
    int left = count_passing(rule, place, candidates, count);
    *ret_sifting = (struct lead_sifting){.kind = rule->kind, .required = rule->required};
    if (!left && territory) {
        place = LEAD_PLACE_ANYWHERE;
        left = count_passing(rule, place, candidates, count);
        ret_sifting->widened = left > 0;
    }
    ret_sifting->relaxed = !left && !rule->required;
    ret_sifting->left = ret_sifting->relaxed ? before : left;
    for (int i = 0; i < count && !ret_sifting->relaxed; i++)
        candidates[i].left = candidates[i].left && passes(rule, place, &candidates[i]);
    return ret_sifting->left;
}

/* ---- the draw ------------------------------------------------------------------------------- */
/* One step of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the result depends on every
 * bit of the seed, so that seeds that follow each other draw independently. */
static uint64_t mixed(uint64_t seed) {
    uint64_t z = seed + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The same number of the range for the same seed. Of 2^64 numbers each place gets its share but for
 * less than one. */
static int drawn_of(uint64_t seed, int sum) {
    uint64_t high = mixed(seed) >> 32;
    return (int)(high * (uint64_t)sum >> 32);
}

static int draw(const struct lead_rule *grade, const struct lead_candidate *candidates, int count,
                struct lead_reason *reason) {
    int sum = 0;
    for (int i = 0; i < count; i++)
        if (candidates[i].left) sum += weight_of(grade, &candidates[i]);
    if (sum == 0) return -1;
    int place = drawn_of(reason->seed, sum), at = -1;
    reason->weight_sum = sum;
    for (int i = 0; i < count && place >= 0; i++) {
        if (!candidates[i].left) continue;
        at = i;
        place -= weight_of(grade, &candidates[i]);
    }
    reason->weight = weight_of(grade, &candidates[at]);
    reason->grade = candidates[at].grade;
    return at;
}

int lead_assign(const struct lead_rule *rules, int rule_count, struct lead_candidate *candidates,
                int count, uint64_t seed, struct lead_reason *ret_reason) {
    const struct lead_rule *grade = NULL;
    struct lead_reason reason = {
        .rules_revision = ret_reason->rules_revision, .seed = seed, .considered = count};
    int left = count;
    for (int i = 0; i < count; i++) candidates[i].left = true;
    for (int i = 0; i < rule_count && i < LEAD_RULES_MAX && left > 0; i++) {
        if (rules[i].kind == LEAD_RULE_GRADE) grade = &rules[i];
        left = sift(&rules[i], candidates, count, left, &reason.siftings[reason.sifting_count++]);
    }
    int chosen = left > 0 ? draw(grade, candidates, count, &reason) : -1;
    if (chosen >= 0) memcpy(reason.partner_id, candidates[chosen].partner_id,
                            strlen(candidates[chosen].partner_id) + 1);
    *ret_reason = reason;
    return chosen;
}
