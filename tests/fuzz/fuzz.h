/* What every fuzz target has: the two functions that libFuzzer calls, and a check that stops the
 * run with a sentence. A target is one file fuzz_NAME.c; its first inputs lie in corpus/NAME, its
 * words in NAME.dict. */
#ifndef KOPPEL_TEST_FUZZ_H
#define KOPPEL_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Ends the run where a promise is broken: the fuzzer then keeps the input. */
#define FUZZ_CHECK(holds, ...)                                                                     \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: broken promise: ", __FILE__, __LINE__);                        \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fputc('\n', stderr);                                                                   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
