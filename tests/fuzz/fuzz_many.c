/* Many at once: bytes as a spreadsheet, as a JSON array and as lines of JSON. What was read and is
 * written reads back the same; parts lie in order within the text; a header that is taken turns
 * rows into answers. */
#include <string.h>

#include "domain/answer_columns.h"
#include "fuzz.h"
#include "message/json_sequence.h"

static const struct product_question child_questions[] = {
    {.name = "born_on", .type = QUESTION_DATE}, {.name = "sports", .type = QUESTION_BOOLEAN}};
static const struct product_question questions[] = {
    {.name = "value", .type = QUESTION_MONEY},
    {.name = "years", .type = QUESTION_INTEGER},
    {.name = "from", .type = QUESTION_DATE},
    {.name = "alone", .type = QUESTION_BOOLEAN},
    {.name = "name", .type = QUESTION_TEXT},
    {.name = "covers", .type = QUESTION_CHOICES},
    {.name = "family", .type = QUESTION_RECORDS, .questions = child_questions,
     .question_count = 2}};
static const struct product_info info = {.name = "pet", .questions = questions,
                                         .question_count = 7};

static struct answer_columns columns;
static char memory[4 * 1024 * 1024];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    return 0;
}

/* Rows with answers, rewritten. False: it is no sheet; that is fine. */
static bool read_sheet(const char *text, size_t length, bool answers, struct buffer *rewritten) {
    struct error error = {0};
    struct csv_reader *reader = NULL;
    const struct csv_record *row;
    bool header = false;
    int status;
    if (csv_reader_new(text, length, &error, &reader) != 0) return false;
    while ((status = csv_next(reader, &error, &row)) > 0) {
        struct scratch scratch;
        struct value made;
        FUZZ_CHECK(row->count > 0 && row->count <= CSV_COLUMNS_MAX, "%d cells", row->count);
        for (int i = 0; i < row->count; i++)
            csv_write_cell(row->cells[i].text, row->cells[i].length, ';', i == 0, rewritten);
        csv_write_end(rewritten);
        if (!answers) continue;
        if (!header &&
            answer_columns_read(row, csv_separator(reader), NULL, &info, &error, &columns) != 0)
            answers = false;
        scratch_init(&scratch, memory, sizeof memory);
        if (header) answer_columns_answers(&columns, row, &info, &scratch, &made);
        header = true;
    }
    FUZZ_CHECK(status == 0 || error.text[0], "a fault without a text");
    csv_reader_free(reader);
    return status == 0;
}

static void try_sheet(const char *text, size_t length) {
    struct buffer once, twice;
    buffer_init(&once, 8 * 1024 * 1024);
    buffer_init(&twice, 8 * 1024 * 1024);
    buffer_text(&once, "sep=;\r\n");
    buffer_text(&twice, "sep=;\r\n");
    if (read_sheet(text, length, true, &once)) {
        FUZZ_CHECK(read_sheet(once.data, once.length, false, &twice), "what was written is no CSV");
        FUZZ_CHECK(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0,
                   "it reads back as something else");
    }
    buffer_done(&once);
    buffer_done(&twice);
}

static void try_sequence(const char *text, size_t length, bool lines) {
    struct json_sequence sequence;
    struct json_part part;
    const char *end = text;
    int64_t count = 0;
    if (!json_sequence_init(&sequence, text, length, lines)) return;
    int64_t announced = json_sequence_count(&sequence, 1 << 20);
    while (json_sequence_next(&sequence, &part) > 0) {
        FUZZ_CHECK(part.text >= end && part.text + part.length <= text + length, "out of order");
        end = part.text + part.length;
        count++;
    }
    FUZZ_CHECK(count == announced, "%lld parts, %lld announced", (long long)count,
               (long long)announced);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const char *text = (const char *)bytes;
    char place[40];
    if (length > 65536) return 0;
    try_sheet(text, length);
    try_sequence(text, length, true);
    try_sequence(text, length, false);
    size_t pointer = length < sizeof memory ? length : sizeof memory - 1;
    memcpy(memory, text, pointer);
    memory[pointer] = '\0';
    answer_columns_place(memory, sizeof place, place);
    FUZZ_CHECK(strlen(place) < sizeof place, "a name too long");
    return 0;
}
