/* The rules of an installation, as rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/lead_market.h"

enum { WEIGHTS_TEXT_MAX = 8 * LEAD_GRADES };

static void weights_write(const int weights[LEAD_GRADES], char ret_text[WEIGHTS_TEXT_MAX]) {
    size_t length = 0;
    for (int i = 0; i < LEAD_GRADES; i++)
        length += (size_t)snprintf(ret_text + length, WEIGHTS_TEXT_MAX - length, "%s%d",
                                   i ? "," : "", weights[i]);
}

static void weights_read(const char *text, int ret_weights[LEAD_GRADES]) {
    for (int i = 0; text && i < LEAD_GRADES; i++) {
        char *end = NULL;
        ret_weights[i] = (int)strtol(text, &end, 10);
        text = *end == ',' ? end + 1 : NULL;
    }
}

static int head_read(struct db_tx *tx, struct error *error, struct lead_rule_list *list) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select r.revision, r.offer_hours from lead_rules r"
                          " order by r.revision desc limit 1");
    if (!status) status = db_next(rows, error);
    if (status > 0) {
        list->revision = db_column_integer(rows, 0);
        list->offer_hours = (int)db_column_integer(rows, 1);
    }
    db_rows_close(rows);
    return status;
}

static bool rule_copy(struct db_rows *rows, struct lead_rule *ret_rule) {
    const char *name = db_column_text(rows, 0, NULL);
    for (int kind = 0; name && kind < LEAD_RULE_KINDS; kind++) {
        if (strcmp(name, lead_rule_kinds[kind].code) != 0) continue;
        *ret_rule = (struct lead_rule){.kind = (enum lead_rule_kind)kind,
                                       .required = db_column_integer(rows, 1) != 0,
                                       .value = (int)db_column_integer(rows, 2)};
        weights_read(db_column_text(rows, 3, NULL), ret_rule->weights);
        return true;
    }
    return false; /* of a later program, which knows more of them */
}

int lead_rules_read(struct db_tx *tx, struct error *error, struct lead_rule_list *ret_list) {
    struct lead_rule_list list = {.offer_hours = LEAD_OFFER_HOURS_DEFAULT,
                                  .count = LEAD_RULE_KINDS};
    struct db_rows *rows = NULL;
    memcpy(list.rules, lead_rules_default, sizeof lead_rules_default);
    int status = head_read(tx, error, &list);
    if (status < 0) return status;
    if (status > 0) {
        list.count = 0;
        status = db_query(tx, error, &rows,
                          "select r.rule, r.required, r.value, r.weights from lead_rule r"
                          " where r.revision = $1 order by r.position",
                          db_integer(list.revision));
        while (!status && list.count < LEAD_RULES_MAX && (status = db_next(rows, error)) > 0) {
            list.count += rule_copy(rows, &list.rules[list.count]);
            status = 0;
        }
        db_rows_close(rows);
        if (status < 0) return status;
    }
    *ret_list = list;
    return 0;
}

int lead_rules_insert(struct db_tx *tx, const struct lead_rule_list *list, const char *changed_by,
                      int64_t now_us, struct error *error) {
    int64_t made = 0;
    int status = db_run(tx, error, &made,
                        "insert into lead_rules (revision, offer_hours, changed_by, created_us)"
                        " values ($1, $2, $3, $4)",
                        db_integer(list->revision), db_integer(list->offer_hours),
                        db_text(changed_by), db_integer(now_us));
    for (int i = 0; !status && i < list->count; i++) {
        const struct lead_rule *rule = &list->rules[i];
        char weights[WEIGHTS_TEXT_MAX];
        bool load = rule->kind == LEAD_RULE_LOAD, grade = rule->kind == LEAD_RULE_GRADE;
        weights_write(rule->weights, weights);
        status = db_run(tx, error, NULL,
                        "insert into lead_rule (revision, position, rule, required, value,"
                        " weights) values ($1, $2, $3, $4, $5, $6)",
                        db_integer(list->revision), db_integer(i),
                        db_text(lead_rule_kinds[rule->kind].code), db_integer(rule->required),
                        load ? db_integer(rule->value) : db_null(),
                        db_text(grade ? weights : NULL));
    }
    return status;
}
