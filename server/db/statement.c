/* One SQL text for every engine: expands the closed list of tokens and checks the numbering of
 * parameters. The result depends only on the text and the kind of scope; drivers keep it with their
 * prepared statement. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "db/db_private.h"

enum { STATEMENT_MAX_BYTES = 256 * 1024, WORD_MAX = 64 };

struct expansion {
    const char *sql;
    const char *at;
    enum db_scope_kind kind;
    const char *skip_locked;
    uint64_t numbers; /* bit n - 1: $n occurs */
    int scope_parameter;
    bool scope_used, owner_used;
    struct buffer text;
};

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* End of what is copied as it is: a literal, a quoted name or a comment that begins here; NULL when
 * none begins. One that is not closed reaches to the end, where the engine refuses it. */
static const char *verbatim_end(const char *at) {
    const char *end = NULL;
    if (*at == '\'' || *at == '"') {
        /* A doubled quote closes one text and opens the next: the pieces add up. */
        end = strchr(at + 1, *at);
        return end ? end + 1 : at + strlen(at);
    }
    if (at[0] == '-' && at[1] == '-')
        return at + strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*') {
        end = strstr(at + 2, "*/");
        return end ? end + 2 : at + strlen(at);
    }
    return NULL;
}

static int highest_number(uint64_t numbers) {
    int highest = 0;
    for (int i = 1; i <= DB_PARAMETERS_MAX; i++)
        if (numbers >> (i - 1) & 1)
            highest = i;
    return highest;
}

static int read_number(struct expansion *expansion, struct error *error) {
    int number = 0;
    const char *digit = expansion->at + 1;
    for (; *digit >= '0' && *digit <= '9' && number <= DB_PARAMETERS_MAX; digit++)
        number = number * 10 + (*digit - '0');
    if (number < 1 || number > DB_PARAMETERS_MAX || is_word(*digit))
        return error_set(error, ERROR_INTERNAL, "parameters are $1 to $%d: %.200s",
                         DB_PARAMETERS_MAX, expansion->sql);
    expansion->numbers |= UINT64_C(1) << (number - 1);
    buffer_append(&expansion->text, expansion->at, (size_t)(digit - expansion->at));
    expansion->at = digit;
    return 0;
}

/* Copies a name and moves on; false when there is none. */
static bool read_name(const char **at, char ret_name[WORD_MAX]) {
    size_t length = 0;
    while (is_word((*at)[length]))
        length++;
    if (length == 0 || length >= WORD_MAX || ((*at)[0] >= '0' && (*at)[0] <= '9'))
        return false;
    memcpy(ret_name, *at, length);
    ret_name[length] = '\0';
    *at += length;
    return true;
}

/* $scope(alias), $scope(alias.column), and either with /owner behind it */
static int expand_scope(struct expansion *expansion, const char *after, struct error *error) {
    char alias[WORD_MAX], column[WORD_MAX] = "partner_id", owner[WORD_MAX] = "";
    const char *at = after + 1;
    bool good = *after == '(' && read_name(&at, alias);
    if (good && *at == '.') {
        at++;
        good = read_name(&at, column);
    }
    if (good && *at == '/') {
        at++;
        good = read_name(&at, owner);
    }
    if (!good || *at != ')')
        return error_set(error, ERROR_INTERNAL, "write $scope(alias) or $scope(alias.column), "
                         "with /owner or without: %.200s", expansion->sql);
    struct buffer *text = &expansion->text;
    expansion->scope_used = true;
    switch (expansion->kind) {
    case DB_SCOPE_PERSON:
        buffer_format(text, "(%s.%s = $%d", alias, column, expansion->scope_parameter);
        if (*owner)
            buffer_format(text, " and %s.%s = $%d", alias, owner, expansion->scope_parameter + 1);
        buffer_char(text, ')');
        expansion->owner_used |= *owner != '\0';
        break;
    case DB_SCOPE_OWN:
        buffer_format(text, "(%s.%s = $%d)", alias, column, expansion->scope_parameter);
        break;
    case DB_SCOPE_SUBTREE:
        buffer_format(text, "(%s.%s in (select descendant_id from partner_closure "
                      "where ancestor_id = $%d))", alias, column, expansion->scope_parameter);
        break;
    case DB_SCOPE_ALL:
        buffer_text(text, "(1=1)");
        break;
    case DB_SCOPE_NONE:
    default:
        buffer_text(text, "(1=0)");
        break;
    }
    expansion->at = at + 1;
    return 0;
}

static int expand_token(struct expansion *expansion, struct error *error) {
    char word[WORD_MAX] = "";
    const char *after = expansion->at + 1;
    if (*after >= '0' && *after <= '9')
        return read_number(expansion, error);
    if (read_name(&after, word) && strcmp(word, "scope") == 0)
        return expand_scope(expansion, after, error);
    if (after > expansion->at + 1 && strcmp(word, "skip_locked") == 0) {
        buffer_text(&expansion->text, expansion->skip_locked);
        expansion->at = after;
        return 0;
    }
    return error_set(error, ERROR_INTERNAL, "unknown token at '%.30s': %.200s", expansion->at,
                     expansion->sql);
}

static int expand_all(struct expansion *expansion, struct error *error) {
    expansion->at = expansion->sql;
    while (*expansion->at) {
        const char *end = verbatim_end(expansion->at);
        if (end) {
            buffer_append(&expansion->text, expansion->at, (size_t)(end - expansion->at));
            expansion->at = end;
        } else if (*expansion->at == '$') {
            int status = expand_token(expansion, error);
            if (status)
                return status;
        } else {
            buffer_char(&expansion->text, *expansion->at++);
        }
    }
    if (!expansion->text.failed)
        return 0;
    if (expansion->text.starved)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a statement");
    return error_set(error, ERROR_INTERNAL, "the statement is too long");
}

int db_statement_expand(const char *sql, enum db_scope_kind kind, const char *skip_locked,
                        struct error *error, struct db_statement *ret_statement) {
    struct expansion expansion = {.sql = sql, .kind = kind, .skip_locked = skip_locked};
    buffer_init(&expansion.text, STATEMENT_MAX_BYTES);
    /* The hidden parameter comes behind the last number, which is known after a first pass. */
    int status = expand_all(&expansion, error);
    int count = highest_number(expansion.numbers);
    if (!status && db_scope_of_partner(kind)) {
        expansion.scope_parameter = count + 1;
        buffer_clear(&expansion.text);
        status = expand_all(&expansion, error);
    }
    uint64_t all = count == 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
    if (!status && expansion.numbers != all)
        status = error_set(error, ERROR_INTERNAL, "the parameters have a gap: %.200s", sql);
    if (!status && !expansion.text.data)
        status = error_set(error, ERROR_INTERNAL, "the statement is empty");
    if (status) {
        buffer_done(&expansion.text);
        return status;
    }
    ret_statement->text = expansion.text.data;
    ret_statement->value_count = count;
    ret_statement->scope_parameter = expansion.scope_used ? expansion.scope_parameter : 0;
    ret_statement->owner_parameter = expansion.owner_used ? expansion.scope_parameter + 1 : 0;
    return 0;
}

int db_values_check(const struct db_statement *statement, const char *sql,
                    const struct db_value *values, size_t count, struct error *error) {
    if (count != (size_t)statement->value_count)
        return error_set(error, ERROR_INTERNAL, "the statement takes %d values, not %zu: %.200s",
                         statement->value_count, count, sql);
    for (size_t i = 0; i < count; i++) {
        bool bytes = values[i].kind == DB_KIND_TEXT || values[i].kind == DB_KIND_BLOB;
        if (bytes && values[i].length > DB_TEXT_MAX_BYTES)
            return error_set(error, ERROR_TOO_LARGE, "a value is larger than %d bytes",
                             DB_TEXT_MAX_BYTES);
        if (values[i].kind == DB_KIND_TEXT && values[i].length > 0 &&
            memchr(values[i].bytes, '\0', values[i].length))
            return error_set(error, ERROR_INVALID, "a text may not hold a NUL character");
        if (values[i].kind == DB_KIND_TEXT && !utf8_valid(values[i].bytes, values[i].length))
            return error_set(error, ERROR_INVALID, "a text must be UTF-8");
    }
    return 0;
}
