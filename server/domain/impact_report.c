/* The report of an impact, for programs and for spreadsheets: one content in two forms. */
#include <stdio.h>
#include <string.h>

#include "domain/impact_inside.h"
#include "message/json.h"

/* ---- numbers as text ------------------------------------------------------------------------ */
void impact_percent(int64_t before_cents, int64_t after_cents,
                    char ret_text[MONEY_TEXT_MAX]) {
    __int128 change = (__int128)after_cents - before_cents;
    __int128 base = before_cents < 0 ? -(__int128)before_cents : before_cents;
    if (base == 0) {
        *ret_text = '\0';
        return;
    }
    __int128 size = change < 0 ? -change : change;
    __int128 hundredths = (size * 10000 * 2 + base) / (base * 2);
    money_text(change < 0 ? -hundredths : hundredths, ret_text);
}

static void average(int64_t sum_cents, int64_t count, char ret_text[MONEY_TEXT_MAX]) {
    __int128 size = sum_cents < 0 ? -(__int128)sum_cents : sum_cents;
    if (count == 0) {
        *ret_text = '\0';
        return;
    }
    size = (size * 2 + count) / ((__int128)count * 2);
    money_text(sum_cents < 0 ? -size : size, ret_text);
}

static const char *const outcomes[IMPACT_OUTCOMES] = {
    [OUTCOME_OFFERED] = "offered", [OUTCOME_REFERRED] = "referred",
    [OUTCOME_DECLINED] = "declined"};

/* ---- JSON ----------------------------------------------------------------------------------- */
static void json_text(struct buffer *buffer, const char *name, const char *text) {
    buffer_format(buffer, "\"%s\":", name);
    if (text && *text) json_write_text(text, strlen(text), buffer);
    else buffer_text(buffer, "null");
}

static void json_amounts(struct buffer *buffer, const struct impact_amounts *amounts) {
    char before[MONEY_TEXT_MAX], after[MONEY_TEXT_MAX], change[MONEY_TEXT_MAX],
        percent[MONEY_TEXT_MAX], average_before[MONEY_TEXT_MAX],
        average_after[MONEY_TEXT_MAX];
    int64_t unchanged = amounts->quotes - amounts->winners - amounts->losers;
    money_text(amounts->before_cents, before);
    money_text(amounts->after_cents, after);
    money_text((__int128)amounts->after_cents - amounts->before_cents, change);
    impact_percent(amounts->before_cents, amounts->after_cents, percent);
    average(amounts->before_cents, amounts->quotes, average_before);
    average(amounts->after_cents, amounts->quotes, average_after);
    buffer_format(buffer,
                  "\"quotes\":%lld,\"winners\":%lld,\"losers\":%lld,\"unchanged\":%lld,"
                  "\"before\":\"%s\",\"after\":\"%s\",\"change\":\"%s\",",
                  (long long)amounts->quotes, (long long)amounts->winners,
                  (long long)amounts->losers, (long long)unchanged, before, after, change);
    json_text(buffer, "change_percent", percent);
    buffer_char(buffer, ',');
    json_text(buffer, "average_before", average_before);
    buffer_char(buffer, ',');
    json_text(buffer, "average_after", average_after);
}

static void json_sides(struct buffer *buffer, const struct impact *impact) {
    struct impact_side sides[IMPACT_DRAFTS_MAX];
    int count = impact_sides(impact, sides);
    buffer_text(buffer, "\"drafts\":[");
    for (int i = 0; i < count; i++) {
        buffer_text(buffer, i ? ",{" : "{");
        json_text(buffer, "product", sides[i].product);
        buffer_format(buffer, ",\"interface\":%d,\"hash\":\"%s\",\"against_version\":%d,"
                      "\"against_hash\":\"%s\",", sides[i].interface, sides[i].hash,
                      sides[i].against_number, sides[i].against_hash);
        json_text(buffer, "region", sides[i].region);
        buffer_char(buffer, '}');
    }
    buffer_char(buffer, ']');
}

static void json_counts(struct buffer *buffer, const struct impact_sums *sums) {
    buffer_format(buffer,
                  "\"quotes\":%lld,\"rated\":%lld,\"refused\":%lld,\"failed\":%lld,"
                  "\"unreadable\":%lld,\"before_kept\":%lld,\"before_unratable\":%lld",
                  (long long)sums->quotes, (long long)sums->rated, (long long)sums->refused,
                  (long long)sums->failed, (long long)sums->unreadable,
                  (long long)sums->before_kept, (long long)sums->before_unratable);
}

static void json_bands(struct buffer *buffer, const struct impact_sums *sums) {
    buffer_text(buffer, "\"bands\":[");
    for (int i = 0; i < IMPACT_BANDS; i++) {
        buffer_format(buffer, "%s{\"band\":\"%s\",", i ? "," : "", impact_band_code(i));
        json_amounts(buffer, &sums->bands[i]);
        buffer_char(buffer, '}');
    }
    buffer_char(buffer, ']');
}

static void json_group(struct buffer *buffer, const char *key, const char *label,
                       const char *text, const struct impact_amounts *amounts) {
    buffer_char(buffer, '{');
    json_text(buffer, key, text);
    buffer_char(buffer, ',');
    if (label) {
        json_text(buffer, "name", label);
        buffer_char(buffer, ',');
    }
    json_amounts(buffer, amounts);
    buffer_char(buffer, '}');
}

/* Those beyond the limit are one last item whose key is null. */
static void json_groups(struct buffer *buffer, const char *name, const char *key, bool labelled,
                        const struct impact_groups *groups) {
    struct impact_amounts rest = groups->other;
    bool written = false;
    buffer_format(buffer, "\"%s\":[", name);
    for (int i = 0; i < groups->count; i++) {
        const struct impact_group *group = &groups->items[i];
        if (i >= IMPACT_JSON_GROUPS_MAX) {
            impact_amounts_merge(&rest, &group->amounts);
            continue;
        }
        if (written) buffer_char(buffer, ',');
        json_group(buffer, key, labelled ? group->label : NULL, group->key, &group->amounts);
        written = true;
    }
    if (rest.quotes) {
        if (written) buffer_char(buffer, ',');
        json_group(buffer, key, labelled ? "" : NULL, NULL, &rest);
    }
    buffer_char(buffer, ']');
}

static void json_acceptance(struct buffer *buffer, const struct impact_sums *sums) {
    buffer_text(buffer, "\"acceptance\":[");
    for (int i = 0; i < IMPACT_OUTCOMES; i++)
        for (int j = 0; j < IMPACT_OUTCOMES; j++)
            buffer_format(buffer, "%s{\"before\":\"%s\",\"after\":\"%s\",\"quotes\":%lld}",
                          i || j ? "," : "", outcomes[i], outcomes[j],
                          (long long)sums->acceptance[i][j]);
    buffer_char(buffer, ']');
}

static void json_moves(struct buffer *buffer, const char *name, const struct impact_moves *moves) {
    buffer_format(buffer, "\"%s\":[", name);
    for (int i = 0; i < moves->count; i++) {
        const struct impact_move *move = &moves->items[i];
        char before[MONEY_TEXT_MAX], after[MONEY_TEXT_MAX], change[MONEY_TEXT_MAX],
            percent[MONEY_TEXT_MAX];
        money_text(move->before_cents, before);
        money_text(move->after_cents, after);
        money_text((__int128)move->after_cents - move->before_cents, change);
        impact_percent(move->before_cents, move->after_cents, percent);
        buffer_text(buffer, i ? ",{" : "{");
        json_text(buffer, "quote", move->id);
        buffer_char(buffer, ',');
        json_text(buffer, "partner", move->partner_id);
        buffer_char(buffer, ',');
        json_text(buffer, "product", move->product);
        buffer_format(buffer, ",\"before\":\"%s\",\"after\":\"%s\",\"change\":\"%s\",", before,
                      after, change);
        json_text(buffer, "change_percent", percent);
        buffer_char(buffer, '}');
    }
    buffer_char(buffer, ']');
}

static void json_refusals(struct buffer *buffer, const struct impact_sums *sums) {
    buffer_text(buffer, "\"refusals\":[");
    for (int i = 0; i < sums->refusal_count; i++) {
        const struct impact_refusal *refusal = &sums->refusals[i];
        buffer_text(buffer, i ? ",{" : "{");
        json_text(buffer, "product", refusal->product);
        buffer_char(buffer, ',');
        json_text(buffer, "question", refusal->question);
        buffer_char(buffer, ',');
        json_text(buffer, "code", refusal->code);
        buffer_format(buffer, ",\"quotes\":%lld,", (long long)refusal->quotes);
        json_text(buffer, "example", refusal->example_id);
        buffer_char(buffer, '}');
    }
    buffer_format(buffer, "],\"refusals_left_out\":%lld,\"failures\":[",
                  (long long)sums->refusals_left_out);
    for (int i = 0; i < sums->failure_count; i++) {
        const struct impact_failure *failure = &sums->failures[i];
        buffer_text(buffer, i ? ",{" : "{");
        json_text(buffer, "text", failure->text);
        buffer_format(buffer, ",\"quotes\":%lld,", (long long)failure->quotes);
        json_text(buffer, "example", failure->example_id);
        buffer_char(buffer, '}');
    }
    buffer_format(buffer, "],\"failures_left_out\":%lld", (long long)sums->failures_left_out);
}

void impact_write_json(const struct impact *impact, struct buffer *buffer) {
    const struct impact_sums *sums = impact->sums;
    buffer_char(buffer, '{');
    json_sides(buffer, impact);
    buffer_char(buffer, ',');
    json_counts(buffer, sums);
    buffer_text(buffer, ",\"premium\":{");
    json_amounts(buffer, &sums->amounts);
    buffer_text(buffer, "},");
    json_bands(buffer, sums);
    buffer_char(buffer, ',');
    json_groups(buffer, "partners", "partner", true, &sums->partners);
    buffer_char(buffer, ',');
    json_groups(buffer, "regions", "region", false, &sums->regions);
    buffer_char(buffer, ',');
    json_groups(buffer, "products", "product", false, &sums->products);
    buffer_char(buffer, ',');
    json_acceptance(buffer, sums);
    buffer_char(buffer, ',');
    json_moves(buffer, "largest_rises", &sums->rises);
    buffer_char(buffer, ',');
    json_moves(buffer, "largest_falls", &sums->falls);
    buffer_char(buffer, ',');
    json_refusals(buffer, sums);
    buffer_char(buffer, '}');
}

/* ---- CSV ------------------------------------------------------------------------------------ */
/* A text that a spreadsheet would take for a formula gets an apostrophe before it. */
static void csv_text(struct buffer *buffer, const char *text) {
    bool formula = *text && strchr("=+-@\t\r", *text);
    bool quoted = formula || strpbrk(text, ",\"\r\n");
    if (quoted) buffer_char(buffer, '"');
    if (formula) buffer_char(buffer, '\'');
    for (; *text; text++) {
        if (*text == '"') buffer_char(buffer, '"');
        buffer_char(buffer, *text);
    }
    if (quoted) buffer_char(buffer, '"');
}

struct csv_row { /* NULL and -1: an empty cell */
    const char *section, *key, *name, *product, *partner;
    int64_t quotes;
    const struct impact_amounts *amounts;
    const char *example;
};

static void csv_cell(struct buffer *buffer, const char *text) {
    buffer_char(buffer, ',');
    csv_text(buffer, text ? text : "");
}

static void csv_write(struct buffer *buffer, const struct csv_row *row) {
    const struct impact_amounts *amounts = row->amounts;
    csv_text(buffer, row->section);
    csv_cell(buffer, row->key);
    csv_cell(buffer, row->name);
    csv_cell(buffer, row->product);
    csv_cell(buffer, row->partner);
    buffer_format(buffer, ",%lld", (long long)(amounts ? amounts->quotes : row->quotes));
    if (amounts) {
        char before[MONEY_TEXT_MAX], after[MONEY_TEXT_MAX], change[MONEY_TEXT_MAX],
            percent[MONEY_TEXT_MAX];
        money_text(amounts->before_cents, before);
        money_text(amounts->after_cents, after);
        money_text((__int128)amounts->after_cents - amounts->before_cents, change);
        impact_percent(amounts->before_cents, amounts->after_cents, percent);
        buffer_format(buffer, ",%lld,%lld,%lld,%s,%s,%s,%s", (long long)amounts->winners,
                      (long long)amounts->losers,
                      (long long)(amounts->quotes - amounts->winners - amounts->losers), before,
                      after, change, percent);
    } else {
        buffer_text(buffer, ",,,,,,,");
    }
    csv_cell(buffer, row->example);
    buffer_text(buffer, "\r\n");
}

static void csv_count(struct buffer *buffer, const char *key, int64_t quotes) {
    csv_write(buffer, &(struct csv_row){.section = "count", .key = key, .quotes = quotes});
}

static void csv_groups(struct buffer *buffer, const char *section,
                       const struct impact_groups *groups) {
    for (int i = 0; i < groups->count; i++)
        csv_write(buffer, &(struct csv_row){.section = section,
                                            .key = groups->items[i].key,
                                            .name = groups->items[i].label,
                                            .amounts = &groups->items[i].amounts});
    if (groups->other.quotes)
        csv_write(buffer, &(struct csv_row){.section = section, .key = "other",
                                            .amounts = &groups->other});
}

static void csv_moves(struct buffer *buffer, const char *section,
                      const struct impact_moves *moves) {
    for (int i = 0; i < moves->count; i++) {
        const struct impact_move *move = &moves->items[i];
        struct impact_amounts amounts = {0};
        impact_amounts_add(&amounts, move->before_cents, move->after_cents);
        csv_write(buffer, &(struct csv_row){.section = section, .key = move->id,
                                            .product = move->product,
                                            .partner = move->partner_id, .amounts = &amounts});
    }
}

static void csv_refusals(struct buffer *buffer, const struct impact_sums *sums) {
    for (int i = 0; i < sums->refusal_count; i++) {
        const struct impact_refusal *refusal = &sums->refusals[i];
        csv_write(buffer, &(struct csv_row){.section = "refused", .key = refusal->question,
                                            .name = refusal->code, .product = refusal->product,
                                            .quotes = refusal->quotes,
                                            .example = refusal->example_id});
    }
    for (int i = 0; i < sums->failure_count; i++) {
        const struct impact_failure *failure = &sums->failures[i];
        csv_write(buffer, &(struct csv_row){.section = "failed", .key = failure->text,
                                            .quotes = failure->quotes,
                                            .example = failure->example_id});
    }
}

void impact_write_csv(const struct impact *impact, struct buffer *buffer) {
    const struct impact_sums *sums = impact->sums;
    buffer_text(buffer, "section,key,name,product,partner,quotes,winners,losers,unchanged,before,"
                        "after,change,change_percent,example\r\n");
    csv_count(buffer, "quotes", sums->quotes);
    csv_count(buffer, "rated", sums->rated);
    csv_count(buffer, "refused", sums->refused);
    csv_count(buffer, "failed", sums->failed);
    csv_count(buffer, "unreadable", sums->unreadable);
    csv_write(buffer, &(struct csv_row){.section = "premium", .key = "all",
                                        .amounts = &sums->amounts});
    for (int i = 0; i < IMPACT_BANDS; i++)
        csv_write(buffer, &(struct csv_row){.section = "band", .key = impact_band_code(i),
                                            .amounts = &sums->bands[i]});
    csv_groups(buffer, "partner", &sums->partners);
    csv_groups(buffer, "region", &sums->regions);
    csv_groups(buffer, "product", &sums->products);
    for (int i = 0; i < IMPACT_OUTCOMES; i++)
        for (int j = 0; j < IMPACT_OUTCOMES; j++)
            csv_write(buffer, &(struct csv_row){.section = "acceptance", .key = outcomes[i],
                                                .name = outcomes[j],
                                                .quotes = sums->acceptance[i][j]});
    csv_moves(buffer, "largest_rise", &sums->rises);
    csv_moves(buffer, "largest_fall", &sums->falls);
    csv_refusals(buffer, sums);
}
