/* Which values an input of a table can take, so that a gap is told where one can fall into it and
 * nowhere else: from the question behind it, from what its type and column declare, from the
 * results of the decision that it names, and from plain arithmetic over these.
 *
 * A domain never leaves out a value that can occur. It is exact when each of its values can; a hull
 * ("from 0 to 9") is not. Of what is not understood nothing is claimed. */
#include <stdlib.h>
#include <string.h>

#include "proof.h"

enum { DERIVATIONS_MAX = 20000, DERIVATION_DEPTH_MAX = 24, DIGITS_MAX = 12 };

/* ---- domains -------------------------------------------------------------------------------- */

int proof_compare(const struct value *a, const struct value *b) {
    if (a->kind == VALUE_NUMBER && b->kind == VALUE_NUMBER)
        return decimal_compare(a->number, b->number);
    if (a->kind == VALUE_TEXT && b->kind == VALUE_TEXT) {
        uint32_t shorter = a->length < b->length ? a->length : b->length;
        int order = shorter ? memcmp(a->text, b->text, shorter) : 0;
        return order ? order : (a->length > b->length) - (a->length < b->length);
    }
    if (a->kind == VALUE_BOOLEAN && b->kind == VALUE_BOOLEAN) return a->boolean - b->boolean;
    struct moment moment = {0};
    int order = 0;
    return value_compare(a, b, &moment, &order) ? order : 0;
}

static bool atom_is_point(const struct table_atom *atom) {
    return atom->low_bound == RANGE_CLOSED && atom->high_bound == RANGE_CLOSED &&
           proof_compare(&atom->low, &atom->high) == 0;
}

static bool atom_has(const struct table_atom *atom, const struct value *value) {
    if (atom->low_bound != RANGE_UNBOUNDED) {
        int order = proof_compare(value, &atom->low);
        if (order < 0 || (order == 0 && atom->low_bound == RANGE_OPEN)) return false;
    }
    if (atom->high_bound != RANGE_UNBOUNDED) {
        int order = proof_compare(value, &atom->high);
        if (order > 0 || (order == 0 && atom->high_bound == RANGE_OPEN)) return false;
    }
    return true;
}

bool proof_domain_has(const struct proof_domain *domain, const struct value *value) {
    for (int i = 0; i < domain->atom_count; i++)
        if (atom_has(&domain->atoms[i], value)) return true;
    return false;
}

struct table_atom proof_point(struct value value) {
    return (struct table_atom){
        .low_bound = RANGE_CLOSED, .high_bound = RANGE_CLOSED, .low = value, .high = value};
}

static bool all_points(const struct proof_domain *domain) {
    for (int i = 0; i < domain->atom_count; i++)
        if (!atom_is_point(&domain->atoms[i])) return false;
    return domain->known;
}

struct proof_domain proof_domain_of(uint8_t kind, const struct table_atom *atoms, int count) {
    return (struct proof_domain){
        .known = true, .exact = true, .kind = kind, .digits = -1, .atoms = atoms,
        .atom_count = count};
}

static struct table_atom *atoms_take(struct proof *proof, int count) {
    return proof_take(proof, (size_t)count, sizeof(struct table_atom));
}

/* From the lowest to the highest value; an end stays open where any atom has none. */
static struct table_atom hull_of(const struct proof_domain *domain) {
    struct table_atom hull = domain->atoms[0];
    for (int i = 1; i < domain->atom_count; i++) {
        const struct table_atom *atom = &domain->atoms[i];
        if (atom->low_bound == RANGE_UNBOUNDED) hull.low_bound = RANGE_UNBOUNDED;
        if (atom->high_bound == RANGE_UNBOUNDED) hull.high_bound = RANGE_UNBOUNDED;
        if (hull.low_bound != RANGE_UNBOUNDED && proof_compare(&atom->low, &hull.low) < 0) {
            hull.low = atom->low;
            hull.low_bound = atom->low_bound;
        }
        if (hull.high_bound != RANGE_UNBOUNDED && proof_compare(&atom->high, &hull.high) > 0) {
            hull.high = atom->high;
            hull.high_bound = atom->high_bound;
        }
    }
    return hull;
}

static struct proof_domain range_domain(struct proof *proof, struct table_atom range, int digits) {
    struct proof_domain none = {0};
    struct table_atom *atom = atoms_take(proof, 1);
    if (!atom) return none;
    *atom = range;
    struct proof_domain domain = proof_domain_of(VALUE_NUMBER, atom, 1);
    domain.digits = digits;
    domain.exact = false;
    return domain;
}

struct proof_domain proof_booleans(struct proof *proof) {
    struct proof_domain none = {0};
    struct table_atom *atoms = atoms_take(proof, 2);
    if (!atoms) return none;
    atoms[0] = proof_point(value_boolean(false));
    atoms[1] = proof_point(value_boolean(true));
    return proof_domain_of(VALUE_BOOLEAN, atoms, 2);
}

bool proof_domain_tests(struct proof *proof, struct node *tests, const struct code *code,
                        struct proof_domain *ret_domain) {
    struct table_test test = {.node = tests, .code = code};
    test.any = tests->kind == NODE_TESTS && !tests->item_count && !tests->negated;
    if (!table_read_atoms(&proof->compiler, &proof->scope, &test)) proof->starved = true;
    if (!test.constant || tests->negated || !test.atom_count || test.any) return false;
    uint8_t kind = test.atoms[0].low_bound != RANGE_UNBOUNDED ? test.atoms[0].low.kind
                                                              : test.atoms[0].high.kind;
    for (int i = 0; i < test.atom_count; i++)
        if ((test.atoms[i].low_bound != RANGE_UNBOUNDED && test.atoms[i].low.kind != kind) ||
            (test.atoms[i].high_bound != RANGE_UNBOUNDED && test.atoms[i].high.kind != kind))
            return false;
    *ret_domain = proof_domain_of(kind, test.atoms, test.atom_count);
    return true;
}

/* ---- results of decisions ------------------------------------------------------------------- */

static struct proof_domain derive(struct proof *proof, int model, const struct node *node,
                                  int depth);

/* The constants in a column of results, and what stands in for a row. */
static struct proof_domain output_domain(struct proof *proof, const struct table *table,
                                         const struct table_output *output) {
    struct proof_domain none = {0};
    struct table_atom *atoms = atoms_take(proof, output->cell_count + 1);
    int count = 0;
    if (!atoms || table->policy > HIT_FIRST) return none;
    for (int i = 0; i <= output->cell_count; i++) {
        const struct table_cell *cell =
            i < output->cell_count ? &output->cells[i] : output->fallback;
        if (!cell) continue;
        if (cell->code) return none;
        if (cell->value.kind == VALUE_NULL) continue;
        if (count && cell->value.kind != atoms[0].low.kind) return none;
        atoms[count++] = proof_point(cell->value);
    }
    return count ? proof_domain_of(atoms[0].low.kind, atoms, count) : none;
}

static struct proof_domain table_domain(struct proof *proof, int element, const char *name,
                                        uint32_t length) {
    struct proof_domain none = {0};
    const struct element *about = program_element(proof->product->program, element);
    if (about->table_count != 1 || about->text) return none;
    const struct table *table = proof->product->program->details[element].tables[0];
    if (!name)
        return table->output_count == 1 ? output_domain(proof, table, &table->outputs[0]) : none;
    for (int i = 0; i < table->output_count && table->output_count > 1; i++)
        if (table->outputs[i].name_length == length &&
            memcmp(table->outputs[i].name, name, length) == 0)
            return output_domain(proof, table, &table->outputs[i]);
    return none;
}

/* What the type allows, of what is known otherwise. */
static struct proof_domain type_narrow(struct proof *proof, const struct type *type,
                                       struct proof_domain domain) {
    struct proof_domain allowed;
    if (!type || !type->allowed || !type->allowed_tests || type->allowed_on_list ||
        !proof_domain_tests(proof, type->allowed_tests, type->allowed, &allowed))
        return domain;
    allowed.never_null = domain.never_null && !domain.known;
    if (!domain.known) return allowed;
    if (domain.kind != allowed.kind) return domain;
    if (!all_points(&domain)) {
        allowed.digits = domain.digits;
        return allowed;
    }
    struct table_atom *atoms = atoms_take(proof, domain.atom_count);
    int count = 0;
    for (int i = 0; atoms && i < domain.atom_count; i++)
        if (proof_domain_has(&allowed, &domain.atoms[i].low)) atoms[count++] = domain.atoms[i];
    if (!count) return allowed;
    domain.atoms = atoms;
    domain.atom_count = count;
    return domain;
}

static struct proof_domain element_domain(struct proof *proof, int element, int depth) {
    struct proof_domain domain = {0};
    const struct element *about = program_element(proof->product->program, element);
    const struct dmn_element *detail = &proof->product->program->details[element];
    const struct product_info *info = &proof->product->info;
    if (about->kind == ELEMENT_INPUT) {
        const struct product_question *question = product_question_find(
            info->questions, info->question_count, about->name, strlen(about->name));
        if (question) return proof_question_domain(proof, question);
        domain.never_null = strcmp(about->name, PRODUCT_EFFECTIVE_DATE) == 0;
        domain.kind = domain.never_null ? VALUE_DATE : VALUE_NULL;
        return domain;
    }
    if (about->kind != ELEMENT_DECISION) return domain;
    if (about->text) {
        struct node *node =
            feel_parse(&proof->compiler, &proof->scope, about->text, strlen(about->text), 1);
        if (node) domain = derive(proof, detail->model, node, depth + 1);
    } else {
        domain = table_domain(proof, element, NULL, 0);
    }
    return type_narrow(proof, detail->type, domain);
}

/* ---- expressions ---------------------------------------------------------------------------- */

static int element_find(const struct proof *proof, int model, const struct node *node) {
    const struct program *program = proof->product->program;
    if (node->kind != NODE_NAME) return -1;
    for (int i = 0; i < program->element_count; i++) {
        const struct dmn_element *detail = &program->details[i];
        if (detail->model == model && detail->name && strlen(detail->name) == node->text_length &&
            memcmp(detail->name, node->text, node->text_length) == 0)
            return i;
    }
    return -1;
}

static struct proof_domain derive_path(struct proof *proof, int model, const struct node *node) {
    static const struct {
        const char *name;
        int64_t low, high;
    } parts[] = {{"month", 1, 12}, {"day", 1, 31},    {"weekday", 1, 7}, {"hour", 0, 23},
                 {"minute", 0, 59}, {"second", 0, 59}};
    static const char *const whole[] = {"year", "years", "months", "days", "hours", "minutes",
                                        "seconds"};
    struct proof_domain none = {0};
    int element = element_find(proof, model, node->a);
    if (element >= 0 && program_element(proof->product->program, element)->table_count)
        return table_domain(proof, element, node->text, node->text_length);
    const struct type *type =
        element >= 0 ? proof->product->program->details[element].known : node->a->type;
    if (type && type->kind == TYPE_CONTEXT) return none;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strlen(parts[i].name) != node->text_length ||
            memcmp(parts[i].name, node->text, node->text_length) != 0)
            continue;
        struct table_atom range = proof_point(value_int64(parts[i].low));
        range.high = value_int64(parts[i].high);
        struct proof_domain domain = range_domain(proof, range, 0);
        domain.exact = domain.known;
        return domain;
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strlen(whole[i]) == node->text_length &&
            memcmp(whole[i], node->text, node->text_length) == 0)
            return range_domain(proof,
                                (struct table_atom){.low_bound = RANGE_UNBOUNDED,
                                                    .high_bound = RANGE_UNBOUNDED},
                                0);
    return none;
}

static bool operate(enum node_kind kind, struct decimal a, struct decimal b,
                    struct decimal *ret_number) {
    switch (kind) {
    case NODE_ADD: return decimal_add(a, b, ret_number);
    case NODE_SUBTRACT: return decimal_subtract(a, b, ret_number);
    default: return decimal_multiply(a, b, ret_number);
    }
}

/* Every pair of values. */
static struct proof_domain points_operate(struct proof *proof, enum node_kind kind,
                                          const struct proof_domain *a,
                                          const struct proof_domain *b) {
    struct proof_domain none = {0};
    struct table_atom *atoms = atoms_take(proof, a->atom_count * b->atom_count);
    int count = 0;
    for (int i = 0; atoms && i < a->atom_count; i++) {
        for (int j = 0; j < b->atom_count; j++) {
            struct decimal number;
            if (!operate(kind, a->atoms[i].low.number, b->atoms[j].low.number, &number))
                return none;
            struct table_atom atom = proof_point(value_number(number));
            bool there = false;
            for (int k = 0; k < count; k++)
                there |= proof_compare(&atoms[k].low, &atom.low) == 0;
            if (!there) atoms[count++] = atom;
        }
    }
    struct proof_domain domain = proof_domain_of(VALUE_NUMBER, atoms, count);
    domain.exact = a->exact && b->exact;
    return atoms ? domain : none;
}

/* An end of a sum or difference: there when both ends that make it are. */
static bool end_add(enum node_kind kind, bool there, struct value a, struct value b,
                    struct value *ret_end) {
    struct decimal number;
    if (!there || !operate(kind, a.number, b.number, &number)) return false;
    *ret_end = value_number(number);
    return true;
}

static struct proof_domain hulls_operate(struct proof *proof, enum node_kind kind,
                                         const struct proof_domain *a,
                                         const struct proof_domain *b) {
    struct table_atom first = hull_of(a), second = hull_of(b), range = {0};
    int digits = a->digits < 0 || b->digits < 0 ? -1
                 : kind == NODE_MULTIPLY        ? a->digits + b->digits
                 : a->digits > b->digits        ? a->digits
                                                : b->digits;
    range.low_bound = range.high_bound = RANGE_UNBOUNDED;
    if (kind != NODE_MULTIPLY) {
        bool crossed = kind == NODE_SUBTRACT;
        bool low = first.low_bound != RANGE_UNBOUNDED &&
                   (crossed ? second.high_bound : second.low_bound) != RANGE_UNBOUNDED;
        bool high = first.high_bound != RANGE_UNBOUNDED &&
                    (crossed ? second.low_bound : second.high_bound) != RANGE_UNBOUNDED;
        if (end_add(kind, low, first.low, crossed ? second.high : second.low, &range.low))
            range.low_bound = RANGE_CLOSED;
        if (end_add(kind, high, first.high, crossed ? second.low : second.high, &range.high))
            range.high_bound = RANGE_CLOSED;
    }
    return range_domain(proof, range, digits);
}

/* Digits behind the point that suffice for all the values. */
static int points_digits(const struct proof_domain *domain) {
    for (int digits = 0; digits <= DIGITS_MAX; digits++) {
        bool fits = true;
        for (int i = 0; i < domain->atom_count && fits; i++) {
            struct decimal rounded;
            fits = decimal_round(domain->atoms[i].low.number, digits, DECIMAL_FLOOR, &rounded) &&
                   decimal_equal(rounded, domain->atoms[i].low.number);
        }
        if (fits) return digits;
    }
    return -1;
}

static struct proof_domain derive_arithmetic(struct proof *proof, int model,
                                             const struct node *node, int depth) {
    struct proof_domain none = {0};
    struct proof_domain a = derive(proof, model, node->a, depth + 1);
    struct proof_domain b = derive(proof, model, node->b, depth + 1);
    if (!a.known || !b.known || a.kind != VALUE_NUMBER || b.kind != VALUE_NUMBER) return none;
    bool points_a = all_points(&a), points_b = all_points(&b);
    if (points_a && points_b &&
        (int64_t)a.atom_count * b.atom_count <= PROOF_DOMAIN_VALUES_MAX)
        return points_operate(proof, node->kind, &a, &b);
    if (points_a && a.digits < 0) a.digits = points_digits(&a);
    if (points_b && b.digits < 0) b.digits = points_digits(&b);
    return hulls_operate(proof, node->kind, &a, &b);
}

static struct proof_domain domain_join(struct proof *proof, struct proof_domain a,
                                       struct proof_domain b) {
    struct proof_domain none = {0};
    if (!a.known || !b.known || a.kind != b.kind) return none;
    struct table_atom *atoms = atoms_take(proof, a.atom_count + b.atom_count);
    if (!atoms || a.atom_count + b.atom_count > PROOF_DOMAIN_VALUES_MAX) return none;
    memcpy(atoms, a.atoms, (size_t)a.atom_count * sizeof *atoms);
    memcpy(atoms + a.atom_count, b.atoms, (size_t)b.atom_count * sizeof *atoms);
    if (a.kind == VALUE_NUMBER && all_points(&a)) a.digits = points_digits(&a);
    if (b.kind == VALUE_NUMBER && all_points(&b)) b.digits = points_digits(&b);
    struct proof_domain joined = proof_domain_of(a.kind, atoms, a.atom_count + b.atom_count);
    joined.digits = a.digits < 0 || b.digits < 0 ? -1 : a.digits > b.digits ? a.digits : b.digits;
    joined.exact = a.exact && b.exact;
    return joined;
}

static struct proof_domain derive_if(struct proof *proof, int model, const struct node *node,
                                     int depth) {
    const struct node *then = node->items[1], *otherwise = node->items[2];
    bool no_then = then->kind == NODE_LITERAL && then->value.kind == VALUE_NULL;
    bool no_else = otherwise->kind == NODE_LITERAL && otherwise->value.kind == VALUE_NULL;
    struct proof_domain a = derive(proof, model, no_then ? otherwise : then, depth + 1);
    if (no_then || no_else) return a;
    return domain_join(proof, a, derive(proof, model, otherwise, depth + 1));
}

static bool call_is(const struct node *node, const char *name) {
    return node->a->kind == NODE_NAME && strlen(name) == node->a->text_length &&
           memcmp(node->a->text, name, node->a->text_length) == 0;
}

/* A number rounded to digits that are written out, or to none: it stays between its ends, rounded
 * outwards. */
static struct proof_domain derive_rounded(struct proof *proof, int model, const struct node *node,
                                          int depth) {
    struct proof_domain none = {0};
    struct table_atom range = {.low_bound = RANGE_UNBOUNDED, .high_bound = RANGE_UNBOUNDED};
    int64_t digits = 0;
    if (node->item_count < 1 || node->item_count > 2) return none;
    const struct node *scale = node->item_count == 2 ? node->items[1] : NULL;
    if (scale && (scale->kind != NODE_LITERAL || scale->value.kind != VALUE_NUMBER ||
                  !decimal_to_int64(scale->value.number, &digits) || digits < 0 ||
                  digits > DIGITS_MAX))
        return none;
    struct proof_domain given = derive(proof, model, node->items[0], depth + 1);
    if (given.known && given.kind == VALUE_NUMBER) {
        struct decimal number;
        range = hull_of(&given);
        if (range.low_bound != RANGE_UNBOUNDED) {
            range.low_bound = RANGE_CLOSED;
            if (!decimal_round(range.low.number, (int)digits, DECIMAL_FLOOR, &number)) return none;
            range.low = value_number(number);
        }
        if (range.high_bound != RANGE_UNBOUNDED) {
            range.high_bound = RANGE_CLOSED;
            if (!decimal_round(range.high.number, (int)digits, DECIMAL_CEILING, &number))
                return none;
            range.high = value_number(number);
        }
    }
    return range_domain(proof, range, (int)digits);
}

static struct proof_domain derive_call(struct proof *proof, int model, const struct node *node,
                                       int depth) {
    struct proof_domain none = {0};
    struct table_atom range = {.low_bound = RANGE_UNBOUNDED, .high_bound = RANGE_UNBOUNDED};
    if (node->names || element_find(proof, model, node->a) >= 0) return none;
    if (call_is(node, "count") || call_is(node, "string length")) {
        range.low_bound = RANGE_CLOSED;
        range.low = value_int64(0);
        return range_domain(proof, range, 0);
    }
    if (call_is(node, "floor") || call_is(node, "ceiling") || call_is(node, "decimal") ||
        call_is(node, "round up") || call_is(node, "round down") ||
        call_is(node, "round half up") || call_is(node, "round half down"))
        return derive_rounded(proof, model, node, depth);
    if ((call_is(node, "min") || call_is(node, "max")) && node->item_count > 1) {
        struct proof_domain all = derive(proof, model, node->items[0], depth + 1);
        for (int i = 1; i < node->item_count; i++)
            all = domain_join(proof, all, derive(proof, model, node->items[i], depth + 1));
        if (!all.known || all.kind != VALUE_NUMBER) return none;
        all.exact = false;
        return all;
    }
    return none;
}

/* Recursion is bounded by `depth`, work by a count for the whole product. */
static struct proof_domain derive(struct proof *proof, int model, const struct node *node,
                                  int depth) {
    struct proof_domain domain = {0};
    if (depth > DERIVATION_DEPTH_MAX || ++proof->derivations > DERIVATIONS_MAX) return domain;
    switch (node->kind) {
    case NODE_LITERAL: {
        struct table_atom *atom = atoms_take(proof, 1);
        if (!atom || node->value.kind > VALUE_DATE || node->value.kind == VALUE_NULL)
            return domain;
        *atom = proof_point(node->value);
        return proof_domain_of(node->value.kind, atom, 1);
    }
    case NODE_NAME: {
        int element = element_find(proof, model, node);
        return element >= 0 ? element_domain(proof, element, depth + 1) : domain;
    }
    case NODE_PATH: return derive_path(proof, model, node);
    case NODE_IF: return derive_if(proof, model, node, depth);
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_MULTIPLY: return derive_arithmetic(proof, model, node, depth);
    case NODE_CALL: return derive_call(proof, model, node, depth);
    case NODE_EQUAL:
    case NODE_UNEQUAL:
    case NODE_INSTANCE_OF: {
        domain = proof_booleans(proof);
        domain.never_null = true;
        return domain;
    }
    case NODE_LESS:
    case NODE_LESS_EQUAL:
    case NODE_GREATER:
    case NODE_GREATER_EQUAL:
    case NODE_AND:
    case NODE_OR:
    case NODE_IN:
    case NODE_BETWEEN:
    case NODE_SOME:
    case NODE_EVERY: return proof_booleans(proof);
    default: return domain;
    }
}

void proof_domain(struct proof *proof, int element, const struct table_input *input,
                  struct proof_domain *ret_domain) {
    const struct program *program = proof->product->program;
    struct proof_domain domain = {0}, declared;
    /* The inputs of a knowledge model are its parameters, which may be called as anything is. */
    if (program_element(program, element)->kind == ELEMENT_DECISION)
        domain = derive(proof, program->details[element].model, input->node, 0);
    bool typed_boolean = input->type && input->type->kind == TYPE_BOOLEAN;
    if (!domain.known && (typed_boolean || input->keying == KEY_BOOLEAN))
        domain = proof_booleans(proof);
    domain = type_narrow(proof, input->type, domain);
    bool narrows = input->allowed && proof_domain_tests(proof, input->allowed_node, input->allowed,
                                                        &declared);
    /* Of an input that is exactly known, the column's values cut off what then has no row. */
    if (narrows && !(domain.known && domain.exact)) {
        if (domain.known) declared.digits = domain.digits;
        domain = declared;
    }
    if (!domain.known) domain.digits = -1;
    *ret_domain = domain;
}
