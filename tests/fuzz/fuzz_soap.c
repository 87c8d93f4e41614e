/* Messages to the SOAP entrance, over the real operations and a real store. The first byte chooses
 * the service, the language and what the transport says; the rest is the body. Whatever comes, the
 * answer is a message that can be read, and a fault is of the caller's own making: never a failure
 * of ours. */
#include "message/xml_tree.h"
#include "soap/soap.h"
#include "store.h"

enum { INPUT_MAX = 64 * 1024, WRITTEN_MAX_BYTES = 8 * 1024 * 1024 };

static char memory[OPERATION_SCRATCH_BYTES], again_memory[OPERATION_SCRATCH_BYTES];
static char authorization[KEY_TEXT_MAX + 8];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    store_make();
    (void)snprintf(authorization, sizeof authorization, "Bearer %s", store.secret);
    return 0;
}

static void check_reply(const struct message_reply *reply, const struct buffer *text) {
    struct scratch scratch;
    struct xml_fault fault = {.code = ""};
    const struct xml_node *root = NULL;
    scratch_init(&scratch, again_memory, sizeof again_memory);
    FUZZ_CHECK(!text->failed && text->length > 0, "an answer that cannot be written");
    int status = xml_tree_read(text->data, text->length, "utf-8", &scratch, &fault, &root);
    FUZZ_CHECK(status == 0 && !strcmp(root->name, "Envelope"), "%s: %s", fault.code, text->data);
    FUZZ_CHECK(reply->status == 200 || strstr(text->data, ":Fault>"), "no fault: %s", text->data);
    FUZZ_CHECK(!strstr(text->data, "<code>internal<"), "our fault: %s", text->data);
    FUZZ_CHECK(!strstr(text->data, "<code>unavailable<"), "our fault: %s", text->data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const char *const types[] = {"text/xml; charset=utf-8", "application/soap+xml", NULL,
                                        "text/xml; charset=iso-8859-1"};
    static struct answer answer;
    struct scratch scratch;
    struct buffer text;
    struct message_reply reply;
    if (length < 1 || length > INPUT_MAX) return 0;
    unsigned how = bytes[0];
    scratch_init(&scratch, memory, sizeof memory);
    buffer_init(&text, WRITTEN_MAX_BYTES);
    const struct message message = {.dispatcher = store.dispatcher, .service = store.service,
                                    .public_url = store.config.public_url,
                                    .path = how & 1 ? "/soap/v1/quote/pet" : "/soap/v1/quote",
                                    .content_type = types[how >> 2 & 3],
                                    .action = how & 16 ? "\"urn:x#GetQuote\"" : NULL,
                                    .authorization = authorization,
                                    .request_id = "req_1",
                                    .language = how & 2 ? LANGUAGE_EN : LANGUAGE_NL,
                                    .body = (const char *)bytes + 1, .body_length = length - 1,
                                    .scratch = &scratch, .answer = &answer, .text = &text};
    soap_entrance.answer(&message, &reply);
    check_reply(&reply, &text);
    buffer_done(&text);
    return 0;
}
