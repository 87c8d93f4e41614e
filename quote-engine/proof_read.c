/* <proof> of product.xml: gaps that are meant, columns that are tiers, columns that add up. The
 * schema has accepted it; whether the names are those of tables and columns is said where they are
 * used. */
#include <string.h>

#include "proof.h"

static struct decimal number_of(const struct xml_element *xml, const char *name,
                                int64_t otherwise) {
    const char *text = xml_attribute(xml, name);
    struct decimal number = decimal_from_int64(otherwise);
    if (text) decimal_parse(text, strlen(text), &number);
    return number;
}

static const char *words_of(struct product_reader *reader, const struct xml_element *xml,
                            const char *name) {
    const char *text = xml_attribute(xml, name);
    return text ? product_words(reader, text) : NULL;
}

static void gap_read(struct product_reader *reader, const struct xml_element *xml,
                     struct proof_gap *gap) {
    *gap = (struct proof_gap){.table = words_of(reader, xml, "table"), .line = xml->line};
    gap->inputs =
        product_take(reader, (size_t)xml_count(xml, "input"), sizeof *gap->inputs);
    if (!gap->inputs) return;
    for (const struct xml_element *input = xml_child(xml, "input"); input; input = xml_next(input))
        gap->inputs[gap->input_count++] =
            (struct proof_gap_input){.name = words_of(reader, input, "of"),
                                     .tests = product_words(reader, input->text),
                                     .line = input->line};
}

static void tiers_read(struct product_reader *reader, const struct xml_element *xml,
                       struct proof_tiers *tiers) {
    *tiers = (struct proof_tiers){.table = words_of(reader, xml, "table"),
                                  .base = words_of(reader, xml, "base"),
                                  .rate = words_of(reader, xml, "rate"),
                                  .from = words_of(reader, xml, "from"),
                                  .input = words_of(reader, xml, "input"),
                                  .per = number_of(xml, "per", 1),
                                  .unit = number_of(xml, "unit", 0),
                                  .line = xml->line};
    if (decimal_sign(tiers->per) <= 0) {
        product_fail(reader, xml->line, "tiers", "per must be above 0");
        tiers->per = decimal_from_int64(1);
    }
    if (decimal_sign(tiers->unit) < 0) {
        product_fail(reader, xml->line, "tiers", "unit must not be below 0");
        tiers->unit = decimal_from_int64(0);
    }
}

void proof_read(struct product_reader *reader, const struct xml_element *xml) {
    struct proof_declared *declared = product_take(reader, 1, sizeof *declared);
    if (!declared) return;
    declared->gaps = product_take(reader, (size_t)xml_count(xml, "gap"), sizeof *declared->gaps);
    declared->tiers = product_take(reader, (size_t)xml_count(xml, "tiers"),
                                   sizeof *declared->tiers);
    declared->sums = product_take(reader, (size_t)xml_count(xml, "sum"), sizeof *declared->sums);
    if (!declared->gaps || !declared->tiers || !declared->sums) return;
    for (const struct xml_element *at = xml->first; at; at = at->next) {
        if (strcmp(at->name, "gap") == 0) {
            gap_read(reader, at, &declared->gaps[declared->gap_count++]);
        } else if (strcmp(at->name, "tiers") == 0) {
            tiers_read(reader, at, &declared->tiers[declared->tiers_count++]);
        } else if (strcmp(at->name, "sum") == 0) {
            declared->sums[declared->sum_count++] =
                (struct proof_sum){.table = words_of(reader, at, "table"),
                                   .columns = words_of(reader, at, "columns"),
                                   .of = words_of(reader, at, "of"),
                                   .line = at->line};
        }
    }
    reader->product->declared = declared;
}
