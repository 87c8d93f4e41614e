/* From a header to questions, and from a row to answers. Which questions there are is the product's
 * to say, and whether the answers are right field_check's. */
#include "domain/answer_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the header ----------------------------------------------------------------------------- */

static const struct product_question *find_question(const struct product_question *questions,
                                                    int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(questions[i].name, name) == 0) return &questions[i];
    return NULL;
}

/* "family.1.birth_date" to its parts; false when its dots do not stand so. */
static bool column_split(struct column *column) {
    char *dot = strchr(column->name, '.');
    if (!dot) return true;
    char *end = dot + 1;
    long item = strtol(dot + 1, &end, 10);
    if (dot == column->name || dot[1] < '1' || dot[1] > '9' || item > COLUMN_ITEMS_MAX)
        return false;
    if (*end != '\0' && (*end != '.' || end[1] == '\0' || strchr(end + 1, '.'))) return false;
    column->item = (int)item;
    if (*end == '.') column->part = column->whole + (end + 1 - column->name);
    *dot = '\0';
    return true;
}

static enum column_kind kind_of(const char *name, const char *const *ignored,
                                const struct product_info *info) {
    if (info && find_question(info->questions, info->question_count, name)) return COLUMN_ANSWER;
    if (strcmp(name, "product") == 0) return COLUMN_PRODUCT;
    if (strcmp(name, "effective_date") == 0) return COLUMN_EFFECTIVE_DATE;
    if (strcmp(name, "reference") == 0) return COLUMN_REFERENCE;
    if (name[0] == '#') return COLUMN_IGNORED;
    for (; ignored && *ignored; ignored++)
        if (strcmp(name, *ignored) == 0) return COLUMN_IGNORED;
    return COLUMN_ANSWER;
}

static int column_read(const struct csv_cell *cell, int number, const char *const *ignored,
                       const struct product_info *info, struct error *error,
                       struct column *column) {
    const char *start = cell->text, *end = cell->text + cell->length;
    while (start < end && *start == ' ') start++;
    while (end > start && end[-1] == ' ') end--;
    if (start == end)
        return error_set(error, ERROR_INVALID,
                         "column %d has no name: name it, with # before it when it is not for "
                         "Koppel", number);
    if ((size_t)(end - start) >= sizeof column->name)
        return error_set(error, ERROR_INVALID, "the name of column %d is too long: %d bytes at "
                         "most", number, COLUMN_NAME_MAX - 1);
    memcpy(column->name, start, (size_t)(end - start));
    memcpy(column->whole, start, (size_t)(end - start));
    column->kind = kind_of(column->name, ignored, info);
    if (column->kind != COLUMN_ANSWER || column_split(column)) return 0;
    return error_set(error, ERROR_INVALID,
                     "column %d, %.100s: write columns of lists as name.1 or name.1.part, to %d",
                     number, column->whole, COLUMN_ITEMS_MAX);
}

int answer_columns_read(const struct csv_record *header, char separator,
                        const char *const *ignored, const struct product_info *info,
                        struct error *error, struct answer_columns *ret_columns) {
    struct answer_columns *columns = ret_columns;
    memset(columns, 0, sizeof *columns);
    columns->decimal_comma = separator == ';';
    for (int i = 0; i < header->count; i++) {
        struct column *column = &columns->items[i];
        int status = column_read(&header->cells[i], i + 1, ignored, info, error, column);
        if (status) return status;
        column->first = i;
        for (int j = i - 1; j >= 0; j--) {
            const struct column *other = &columns->items[j];
            if (column->kind != COLUMN_IGNORED && strcmp(column->whole, other->whole) == 0)
                return error_set(error, ERROR_INVALID, "there are two columns %.100s: keep one",
                                 column->whole);
            if (other->kind == COLUMN_ANSWER && strcmp(other->name, column->name) == 0)
                column->first = other->first;
        }
    }
    columns->count = header->count;
    return 0;
}

static bool column_known(const struct column *column, const struct product_info *info) {
    if (column->kind != COLUMN_ANSWER) return true;
    const struct product_question *question =
        find_question(info->questions, info->question_count, column->name);
    if (!question) return false;
    if (question->type == QUESTION_RECORDS)
        return column->item > 0 && column->part &&
               find_question(question->questions, question->question_count, column->part);
    return !column->part && (column->item == 0 || question->type == QUESTION_CHOICES);
}

int answer_columns_known(const struct answer_columns *columns, const struct product_info *info,
                         struct error *error) {
    char names[300];
    size_t length = 0;
    names[0] = '\0';
    for (int i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        if (column_known(column, info) || length >= sizeof names - 1) continue;
        int added = snprintf(names + length, sizeof names - length, "%s%.60s", length ? ", " : "",
                             column->whole);
        length += added > 0 ? (size_t)added : 0;
    }
    if (!length) return 0;
    return error_set(error, ERROR_INVALID,
                     "no question of %s: %.300s; correct the header, or put # before names that "
                     "are not for Koppel", info->name, names);
}

/* ---- cells ---------------------------------------------------------------------------------- */

static const struct csv_cell *cell_at(const struct csv_record *row, int column) {
    const struct csv_cell *cell = column < row->count ? &row->cells[column] : NULL;
    return cell && cell->length > 0 ? cell : NULL;
}

bool answer_columns_have(const struct answer_columns *columns, enum column_kind kind) {
    for (int i = 0; i < columns->count; i++)
        if (columns->items[i].kind == kind) return true;
    return false;
}

const struct csv_cell *answer_columns_cell(const struct answer_columns *columns,
                                           const struct csv_record *row, enum column_kind kind) {
    for (int i = 0; i < columns->count; i++)
        if (columns->items[i].kind == kind) return cell_at(row, i);
    return NULL;
}

static bool all_digits(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9') return false;
    return length > 0;
}

/* 31-12-2026 or 1-2-2026. */
struct value answer_columns_date(const struct csv_cell *cell, struct scratch *scratch) {
    const char *text = cell->text;
    size_t day = strcspn(text, "-"), month = 0;
    if (text[day] == '-') month = strcspn(text + day + 1, "-");
    size_t year = day + month + 2;
    bool local = (day == 1 || day == 2) && (month == 1 || month == 2) &&
                 cell->length == year + 4 && all_digits(text, day) &&
                 all_digits(text + day + 1, month) && text[year - 1] == '-' &&
                 all_digits(text + year, 4);
    char *iso = local ? scratch_take(scratch, 11) : NULL;
    if (!iso) return value_text(text, cell->length);
    snprintf(iso, 11, "%.4s-%s%.*s-%s%.*s", text + year, month == 1 ? "0" : "", (int)month,
             text + day + 1, day == 1 ? "0" : "", (int)day, text);
    return value_text(iso, 10);
}

/* 1.234 or -1.234.567: points that can divide nothing but thousands. */
static bool has_thousands(const char *text) {
    text += *text == '-';
    size_t group = strspn(text, "0123456789");
    if (group < 1 || group > 3 || text[0] == '0' || text[group] != '.') return false;
    for (text += group; *text == '.'; text += 4)
        if (strspn(text + 1, "0123456789") != 3) return false;
    return *text == '\0';
}

/* "1.234,50" to "1234.50": with one comma, points divide thousands. So they do without one in
 * whole numbers, and in amounts, which have two decimals at most: a spreadsheet writes 28.500 for
 * what a program writes as 28500. A decimal may have three behind its point, and keeps it. */
static struct value number_read(const struct csv_cell *cell, enum question_type type,
                                struct scratch *scratch) {
    const char *comma = strchr(cell->text, ',');
    bool divided = comma ? !strchr(comma + 1, ',') && !strchr(comma + 1, '.')
                         : type != QUESTION_DECIMAL && has_thousands(cell->text);
    char *text = divided ? scratch_take(scratch, cell->length) : NULL;
    size_t length = 0;
    if (!text) return value_text(cell->text, cell->length);
    for (const char *at = cell->text; *at; at++) {
        /* A thousand has three digits behind its point; else it is no number, and stays none. */
        size_t group = *at == '.' ? strspn(at + 1, "0123456789") : 0;
        if (*at == '.' && group != 3) return value_text(cell->text, cell->length);
        if (*at != '.') text[length++] = *at == ',' ? '.' : *at;
    }
    return value_text(text, length);
}

static struct value boolean_read(const struct csv_cell *cell) {
    static const char *const yes[] = {"ja", "yes", "waar", "true", "j", "y", NULL};
    static const char *const no[] = {"nee", "no", "onwaar", "false", "n", NULL};
    for (int i = 0; yes[i]; i++)
        if (strcasecmp(cell->text, yes[i]) == 0) return value_text("true", 4);
    for (int i = 0; no[i]; i++)
        if (strcasecmp(cell->text, no[i]) == 0) return value_text("false", 5);
    return value_text(cell->text, cell->length);
}

static struct value choices_read(const struct csv_cell *cell, struct scratch *scratch,
                                 bool *failed) {
    static const char between[] = ";,|";
    struct list list;
    list_init(&list, scratch);
    for (const char *at = cell->text; *at; at += strspn(at, between)) {
        at += strspn(at, " ");
        size_t length = strcspn(at, between);
        const char *end = at + length;
        while (end > at && end[-1] == ' ') end--;
        if (end > at) list_add(&list, value_text(at, (size_t)(end - at)));
        at += length;
    }
    *failed |= list.failed;
    return list_value(&list);
}

struct row_reading {
    const struct answer_columns *columns;
    const struct csv_record *row;
    struct scratch *scratch;
    bool failed;
};

static struct value cell_read(struct row_reading *reading, const struct product_question *question,
                              const struct csv_cell *cell) {
    switch (question ? question->type : QUESTION_TEXT) {
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
    case QUESTION_MONEY:
        if (reading->columns->decimal_comma)
            return number_read(cell, question->type, reading->scratch);
        break;
    case QUESTION_DATE: return answer_columns_date(cell, reading->scratch);
    case QUESTION_BOOLEAN: return boolean_read(cell);
    default: break;
    }
    return value_text(cell->text, cell->length);
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* The item of a list that stands in columns. Empty ones before another are there, and empty. */
static struct value item_read(struct row_reading *reading, const struct product_question *question,
                              int first, int item) {
    struct record record;
    record_init(&record, reading->scratch);
    for (int i = first; i < reading->columns->count; i++) {
        const struct column *column = &reading->columns->items[i];
        const struct csv_cell *cell = cell_at(reading->row, i);
        if (column->kind != COLUMN_ANSWER || column->first != first || column->item != item ||
            !cell)
            continue;
        if (!column->part) return cell_read(reading, NULL, cell);
        const struct product_question *part =
            question ? find_question(question->questions, question->question_count, column->part)
                     : NULL;
        record_set(&record, column->part, cell_read(reading, part, cell));
    }
    reading->failed |= record.failed;
    return record_value(&record);
}

static void question_read(struct row_reading *reading, const struct product_question *question,
                          int first, struct record *answers) {
    const struct column *head = &reading->columns->items[first];
    int last = -1;
    for (int i = first; i < reading->columns->count; i++) {
        const struct column *column = &reading->columns->items[i];
        const struct csv_cell *cell = cell_at(reading->row, i);
        if (column->kind != COLUMN_ANSWER || column->first != first || !cell) continue;
        if (column->item > last) last = column->item;
        if (column->item > 0) continue;
        bool several = question && question->type == QUESTION_CHOICES;
        record_set(answers, head->name,
                   several ? choices_read(cell, reading->scratch, &reading->failed)
                           : cell_read(reading, question, cell));
        return;
    }
    if (last <= 0) return;
    struct list list;
    list_init(&list, reading->scratch);
    for (int item = 1; item <= last; item++) {
        struct value read = item_read(reading, question, first, item);
        bool records = !question || question->type == QUESTION_RECORDS;
        /* Of several choices each column may stay empty; a record before another may not. */
        if (records || read.kind == VALUE_TEXT) list_add(&list, read);
    }
    reading->failed |= list.failed;
    record_set(answers, head->name, list_value(&list));
}

bool answer_columns_answers(const struct answer_columns *columns, const struct csv_record *row,
                            const struct product_info *info, struct scratch *scratch,
                            struct value *ret_answers) {
    struct row_reading reading = {.columns = columns, .row = row, .scratch = scratch};
    struct record answers;
    record_init(&answers, scratch);
    for (int i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        if (column->kind != COLUMN_ANSWER || column->first != i) continue;
        const struct product_question *question =
            info ? find_question(info->questions, info->question_count, column->name) : NULL;
        question_read(&reading, question, i, &answers);
    }
    if (answers.failed || reading.failed) return false;
    *ret_answers = record_value(&answers);
    return true;
}

void answer_columns_place(const char *pointer, size_t size, char *ret_name) {
    static const char prefix[] = "/answers/";
    size_t length = 0;
    const char *at = strncmp(pointer, prefix, sizeof prefix - 1) == 0
                         ? pointer + sizeof prefix - 1
                         : pointer + (*pointer == '/');
    while (*at && length + 16 < size) {
        size_t part = strcspn(at, "/");
        if (length) ret_name[length++] = '.';
        if (part < 5 && all_digits(at, part)) {
            length += (size_t)snprintf(ret_name + length, size - length, "%ld",
                                       strtol(at, NULL, 10) + 1);
        } else {
            size_t room = size - length - 16 < part ? size - length - 16 : part;
            memcpy(ret_name + length, at, room);
            length += room;
        }
        at += part + (at[part] == '/');
    }
    ret_name[length] = '\0';
}
