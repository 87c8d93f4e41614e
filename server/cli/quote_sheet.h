/* A spreadsheet as an entrance: its rows are the items of a call of many, and the answers become
 * columns behind the row that they are about. */
#ifndef KOPPEL_CLI_QUOTE_SHEET_H
#define KOPPEL_CLI_QUOTE_SHEET_H

#include "domain/answer_columns.h"
#include "domain/catalogue.h"
#include "domain/service.h"
#include "operation/operation.h"

struct quote_sheet_options {
    const char *in_path, *out_path;
    const char *product; /* of rows that name none; NULL: each must */
    const char *date;    /* start of cover of rows that name none; NULL: today */
    enum language language;
    bool estimate; /* keep nothing */
    bool again;    /* also what was made of the same rows before */
};

struct quote_sheet_counts {
    int64_t rows; /* of the sheet */
    int64_t done, offered, referred, declined, problems;
};

struct quote_sheet;

/* Reads the whole sheet and refuses it, at a line, when it is no sound CSV or a column is unknown:
 * nothing is begun. The options and what they name are borrowed. */
int quote_sheet_open(struct service *service, const struct quote_sheet_options *options,
                     struct error *error, struct quote_sheet **ret_sheet);
/* Does all rows for the caller. `tell` hears now and then how far it is. The output takes its name
 * when it is whole, and not before. */
int quote_sheet_run(struct quote_sheet *sheet, struct dispatcher *dispatcher,
                    const struct caller *caller,
                    void (*tell)(void *context, const struct quote_sheet_counts *counts),
                    void *context, struct error *error);
const struct quote_sheet_counts *quote_sheet_counts(const struct quote_sheet *sheet);
void quote_sheet_close(struct quote_sheet *sheet); /* NULL is fine */

#endif
