/* JSON text through the dispatcher to the real operations, over a real store. The first two bytes
 * choose the operation, the kind of key, the language, whether texts are read by their field's type
 * and whether there is an idempotency key; the rest is the body. Whatever comes, the answer is one
 * of the caller's own making: never a failure of ours. What was read writes as the same JSON. */
#include "message/json.h"
#include "store.h"

enum { INPUT_MAX = 64 * 1024, WRITTEN_MAX_BYTES = 8 * 1024 * 1024 };

static char memory[OPERATION_SCRATCH_BYTES], again_memory[OPERATION_SCRATCH_BYTES];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    store_make();
    return 0;
}

static const struct operation *operation_at(unsigned wanted) {
    unsigned total = 0;
    for (int g = 0; g < operation_group_count; g++)
        total += (unsigned)operation_groups[g]->count;
    wanted %= total;
    for (int g = 0; g < operation_group_count; g++) {
        if (wanted < (unsigned)operation_groups[g]->count)
            return &operation_groups[g]->operations[wanted];
        wanted -= (unsigned)operation_groups[g]->count;
    }
    return NULL;
}

/* Writing and reading again gives the same bytes. */
static void check_round_trip(const struct value *value) {
    const struct json_limits limits = {.scalar_root = true};
    struct buffer first, second;
    struct scratch scratch;
    struct json_fault fault = {0};
    struct value again;
    buffer_init(&first, WRITTEN_MAX_BYTES);
    buffer_init(&second, WRITTEN_MAX_BYTES);
    scratch_init(&scratch, again_memory, sizeof again_memory);
    json_write(value, 0, &first);
    FUZZ_CHECK(!first.failed, "a body that cannot be written");
    int status = json_read(first.data, first.length, &limits, &scratch, &fault, &again);
    /* 1E4000 is written with all its noughts, and that is longer than a number may be. */
    FUZZ_CHECK(status == 0 || fault.number, "what was written cannot be read: %s %s", fault.code,
               fault.en);
    if (status == 0) {
        json_write(&again, 0, &second);
        FUZZ_CHECK(first.length == second.length && !memcmp(first.data, second.data, first.length),
                   "%.*s became %.*s", (int)first.length, first.data, (int)second.length,
                   second.data);
    }
    buffer_done(&first);
    buffer_done(&second);
}

static void check_answer(const struct operation *operation, const struct answer *answer) {
    struct buffer text;
    FUZZ_CHECK(answer->status >= 200 && answer->status < 500, "%s: %d %s", operation->name,
               answer->status, answer->error.text);
    if (answer->status >= 400) {
        FUZZ_CHECK(answer->refusal.code[0] && answer->refusal.detail[0], "%s: no reason",
                   operation->name);
        FUZZ_CHECK(answer->status != 422 || answer->faults.count > 0 || answer->refusal.code[0],
                   "%s: 422 without a field", operation->name);
        for (int i = 0; i < answer->faults.count; i++)
            FUZZ_CHECK(answer->faults.items[i].code[0] && answer->faults.items[i].message[0],
                       "%s: a fault without words", operation->name);
        return;
    }
    buffer_init(&text, WRITTEN_MAX_BYTES);
    if (operation->output_open) json_write(&answer->output, 0, &text);
    else field_encode_json(operation->output, operation->output_count, &answer->output, &text);
    FUZZ_CHECK(!text.failed && text.length > 1, "%s: an answer that cannot be written",
               operation->name);
    buffer_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static struct answer answer;
    struct scratch scratch;
    struct json_fault fault = {0};
    struct value input;
    if (length < 2 || length > INPUT_MAX) return 0;
    const struct operation *operation = operation_at(bytes[0]);
    if (operation->each) return 0; /* calls of many have a target of their own */
    unsigned how = bytes[1];
    scratch_init(&scratch, memory, sizeof memory);
    const struct json_limits limits = {.keep_unfit = how & 16};
    int status = json_read((const char *)bytes + 2, length - 2, &limits, &scratch, &fault, &input);
    if (status != 0) {
        FUZZ_CHECK(status == ERROR_TOO_LARGE || (fault.code[0] && fault.nl[0] && fault.en[0]),
                   "no reason");
        FUZZ_CHECK(strncmp(fault.en, "something stands here", 21) != 0, "%d:%d: not explained",
                   fault.line, fault.column);
        return 0;
    }
    if (!limits.keep_unfit) check_round_trip(&input);
    const char *key = how & 1 ? store.publishable : store.secret;
    struct request request = {.operation = operation, .credential = key,
                              .credential_length = strlen(key),
                              .origin = how & 1 ? store_origin : NULL,
                              .idempotency_key = how & 2 ? "once" : NULL,
                              .request_id = "req_1",
                              .language = how & 4 ? LANGUAGE_EN : LANGUAGE_NL,
                              .lexical = how & 8, .input = input, .scratch = &scratch};
    dispatch(store.dispatcher, &request, &answer);
    check_answer(operation, &answer);
    return 0;
}
