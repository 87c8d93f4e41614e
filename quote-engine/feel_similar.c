/* What to say of a name that nobody knows: often it is a visible one with a slip in it. */
#include "feel_code.h"

#include <string.h>

enum { SIMILAR_LENGTH_MAX = 48, SIMILAR_DISTANCE_MAX = 2 };

static int lower(char c) {
    if (c == '_') return ' ';
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* How many characters must be changed, added or removed to make one name of the other, capitals
 * and underscores aside; beyond the limits just a large number. */
static int distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    int row[SIMILAR_LENGTH_MAX + 1];
    if (a_length > SIMILAR_LENGTH_MAX || b_length > SIMILAR_LENGTH_MAX)
        return SIMILAR_LENGTH_MAX;
    for (size_t j = 0; j <= b_length; j++) row[j] = (int)j;
    for (size_t i = 1; i <= a_length; i++) {
        int corner = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            int changed = corner + (lower(a[i - 1]) != lower(b[j - 1]));
            corner = row[j];
            int added = row[j] + 1 < row[j - 1] + 1 ? row[j] + 1 : row[j - 1] + 1;
            row[j] = changed < added ? changed : added;
        }
    }
    return row[b_length];
}

static const struct binding *find_similar(const struct scope *scope, const struct node *node) {
    const struct binding *best = NULL;
    int nearest = node->text_length <= 3 ? 1 : SIMILAR_DISTANCE_MAX + 1;
    for (; scope; scope = scope->outer)
        for (int i = 0; i < scope->binding_count; i++) {
            const struct binding *binding = &scope->bindings[i];
            int apart = distance(binding->name, binding->name_length, node->text,
                                 node->text_length);
            if (apart < nearest) {
                nearest = apart;
                best = binding;
            }
        }
    return best;
}

/* Quotation marks that word processors make of straight ones; in FEEL they are parts of names. */
static bool has_curly_quote(const struct node *node) {
    static const char *const marks[] = {"\u201c", "\u201d", "\u201e", "\u2018", "\u2019"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        for (uint32_t at = 0; at + strlen(marks[i]) <= node->text_length; at++)
            if (memcmp(node->text + at, marks[i], strlen(marks[i])) == 0) return true;
    return false;
}

/* What spreadsheets call true and false. */
static bool is_truth(const struct node *node) {
    static const char *const words[] = {"True", "False", "TRUE", "FALSE", "ja", "Ja", "JA",
                                        "nee", "Nee", "NEE", "yes", "Yes", "YES", "no", "No", "NO"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == node->text_length &&
            memcmp(words[i], node->text, node->text_length) == 0)
            return true;
    return false;
}

const struct code *compile_unknown(struct compiler *compiler, const struct scope *scope,
                                   const struct node *node, const char *what, const char *advice) {
    int length = (int)(node->text_length > 120 ? 120 : node->text_length);
    const char *better = NULL;
    if (is_truth(node))
        better = "write true or false";
    else if (has_curly_quote(node))
        better = "texts stand between straight quotation marks (\")";
    else if (compiler->name_advice)
        better = compiler->name_advice(compiler->type_context, node->text, node->text_length);
    if (better)
        return compile_fail(compiler, node, "unknown %s '%.*s': %s", what, length, node->text,
                            better);
    const struct binding *similar = find_similar(scope, node);
    if (similar)
        return compile_fail(compiler, node, "unknown %s '%.*s': is '%.*s' meant?", what, length,
                            node->text, (int)similar->name_length, similar->name);
    return compile_fail(compiler, node, "unknown %s '%.*s': %s", what, length, node->text, advice);
}

bool check_component(struct compiler *compiler, const struct node *node, const struct type *type) {
    const char *similar = NULL;
    int nearest = node->text_length <= 3 ? 1 : SIMILAR_DISTANCE_MAX + 1;
    for (int i = 0; i < type->component_count; i++) {
        const struct type_component *component = &type->components[i];
        int apart = distance(component->name, component->name_length, node->text,
                             node->text_length);
        if (apart == 0 && component->name_length == node->text_length &&
            memcmp(component->name, node->text, node->text_length) == 0)
            return true;
        if (apart < nearest) {
            nearest = apart;
            similar = component->name;
        }
    }
    problems_add(compiler->problems, !compiler->careful, compiler->file, node->line, node->column,
                 compiler->place, "%s%.80s has no entry '%.*s': %s%.80s%s",
                 type->name ? "the type " : "this context", type->name ? type->name : "",
                 (int)(node->text_length > 80 ? 80 : node->text_length), node->text,
                 similar ? "is '" : "mend the name, or add the entry", similar ? similar : "",
                 similar ? "' meant?" : "");
    return !compiler->careful;
}
