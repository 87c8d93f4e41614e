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

const struct code *compile_unknown(struct compiler *compiler, const struct scope *scope,
                                   const struct node *node, const char *what, const char *advice) {
    const struct binding *similar = find_similar(scope, node);
    int length = (int)(node->text_length > 120 ? 120 : node->text_length);
    if (similar)
        return compile_fail(compiler, node, "unknown %s '%.*s': is '%.*s' meant?", what, length,
                            node->text, (int)similar->name_length, similar->name);
    return compile_fail(compiler, node, "unknown %s '%.*s': %s", what, length, node->text, advice);
}
