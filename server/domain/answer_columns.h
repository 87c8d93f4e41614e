/* The columns of a spreadsheet as the input of quotes: a column per question, by its name;
 * "family.1.birth_date" is of the first record of a list, "covers.2" the second of several choices
 * (which may also stand in one cell: "a;b"). Beside them "product", "effective_date" and
 * "reference". A column whose name begins with # is for people, and not looked at.
 *
 * Cells become texts for field_check's lexical reading; what spreadsheets write otherwise than
 * programs is put right here: decimal commas and points between thousands (where the separator
 * is a semicolon), dates as 31-12-2026, ja and nee. */
#ifndef KOPPEL_DOMAIN_ANSWER_COLUMNS_H
#define KOPPEL_DOMAIN_ANSWER_COLUMNS_H

#include "message/csv.h"
#include "message/record.h"
#include "quote-engine/quote.h"

enum {
    COLUMN_NAME_MAX = 200,
    COLUMN_ITEMS_MAX = 100 /* of a list, in columns */
};

enum column_kind {
    COLUMN_ANSWER,
    COLUMN_PRODUCT,
    COLUMN_EFFECTIVE_DATE,
    COLUMN_REFERENCE,
    COLUMN_IGNORED
};

struct column {
    enum column_kind kind;
    char name[COLUMN_NAME_MAX]; /* as in the header; of an answer: the question's alone */
    int item;                   /* of a list, from 1; 0: the question itself */
    const char *part;           /* question of a record, within `whole`; NULL: none */
    char whole[COLUMN_NAME_MAX];
    int first; /* the first column of the same question */
};

struct answer_columns {
    int count;
    bool decimal_comma;
    struct column items[CSV_COLUMNS_MAX];
};

/* Reads a header. `ignored`: further names to pass over, NULL-ended; a question of that name goes
 * before (`info` may be NULL). ERROR_INVALID names the column: no name, twice, too long. */
int answer_columns_read(const struct csv_record *header, char separator,
                        const char *const *ignored, const struct product_info *info,
                        struct error *error, struct answer_columns *ret_columns);
/* ERROR_INVALID names the columns that are no question of the product. */
int answer_columns_known(const struct answer_columns *columns, const struct product_info *info,
                         struct error *error);
bool answer_columns_have(const struct answer_columns *columns, enum column_kind kind);
/* The cell of the first column of a kind; NULL: no such column, or it is empty. */
const struct csv_cell *answer_columns_cell(const struct answer_columns *columns,
                                           const struct csv_record *row, enum column_kind kind);
/* A date as a spreadsheet or a program writes it, as a text; others as they are. */
struct value answer_columns_date(const struct csv_cell *cell, struct scratch *scratch);
/* The answers of a row, in scratch; without empty cells. `info` NULL (no such product): all texts.
 * False: scratch is used up. The row's cells must live as long. */
bool answer_columns_answers(const struct answer_columns *columns, const struct csv_record *row,
                            const struct product_info *info, struct scratch *scratch,
                            struct value *ret_answers);
/* The column that a fault's pointer is about: "/answers/family/0/age" is "family.1.age". */
void answer_columns_place(const char *pointer, size_t size, char *ret_name);

#endif
