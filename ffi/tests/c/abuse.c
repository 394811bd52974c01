/* What no program should do, and what the library answers: a status, and outputs that are left alone.
 *
 * abuse PORT HOST USER PASSWORD KIND    KIND is debug or release, as the library was built */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abuse.h"
#include "call_table.h"
#include "check.h"

static nlftp_modem *fresh_modem(void)
{
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    CHECK_OK(nlftp_config_new("/dev/nlftp-is-not-there", &config));
    CHECK_OK(nlftp_modem_new(config, &modem));
    CHECK_OK(nlftp_config_free(config));
    return modem;
}

static void expect(const struct api_function *function, const struct things *t, nlftp_status wanted)
{
    nlftp_status status = function->call(t);
    if (status != wanted) {
        printf("%s with NULL at %d\n", function->name, t->null_at);
    }
    CHECK_IS(wanted, status);
    /* The functions for signal handlers leave the last error alone. */
    if (status != NLFTP_OK && strstr(function->name, "_cancel") == NULL) {
        CHECK_IS(status, nlftp_last_error_status());
        CHECK(nlftp_last_error()[0] != '\0');
    }
}

/* NULL at every place of every function. */
static void nulls(const struct things *live)
{
    check_begin("NULL for each pointer of each function");
    size_t refused = 0;
    for (size_t i = 0; i < api_function_count; i++) {
        const struct api_function *function = &api_functions[i];
        for (int place = 0; place < function->count; place++) {
            struct things t = *live;
            t.null_at = place;
            if (function->is_pointer[place] && !function->may_be_null[place]) {
                expect(function, &t, NLFTP_INVALID_ARGUMENT);
                refused++;
            }
        }
    }
    printf("%lu places refuse NULL\n", (unsigned long)refused);
    CHECK(refused > 150);
}

/* Where NULL means something it is no invalid argument. */
static void allowed_nulls(const struct things *live)
{
    check_begin("NULL where it means something");
    for (size_t i = 0; i < api_function_count; i++) {
        const struct api_function *function = &api_functions[i];
        for (int place = 0; place < function->count; place++) {
            struct things t = *live;
            /* One that is not open, so that nothing is waited for; it may be closed for good by the call. */
            t.modem = fresh_modem();
            t.null_at = place;
            if (function->is_pointer[place] && function->may_be_null[place]) {
                nlftp_status status = function->call(&t);
                if (status == NLFTP_INVALID_ARGUMENT) {
                    printf("%s with NULL at %d\n", function->name, place);
                }
                CHECK(status != NLFTP_INVALID_ARGUMENT);
            }
            CHECK_OK(nlftp_modem_free(t.modem));
        }
    }
    CHECK_OK(nlftp_set_log_callback(NLFTP_LOG_OFF, NULL, NULL));
}

static bool is_free(const struct api_function *function)
{
    const char *end = strstr(function->name, "_free");
    return end != NULL && end[5] == '\0';
}

/* All functions of a kind of handle but its free. */
static void expect_for_handle(const char *handle, const struct things *t, nlftp_status wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < api_function_count; i++) {
        const struct api_function *function = &api_functions[i];
        if (strcmp(function->handle, handle) == 0 && !is_free(function)) {
            expect(function, t, wanted);
            count++;
        }
    }
    CHECK(count > 0);
}

static void closed_modem(const struct things *live)
{
    check_begin("a closed modem");
    struct things t = *live;
    t.modem = fresh_modem();
    CHECK_OK(nlftp_modem_close(t.modem, NULL));
    expect_for_handle("modem", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_modem_close(t.modem, NULL));
    CHECK_IS(NLFTP_CLOSED, nlftp_modem_open(t.modem, NULL));
    CHECK_IS(NLFTP_CLOSED, nlftp_ftp_noop(t.modem, NULL));
    CHECK_OK(nlftp_modem_free(t.modem));
}

/* In debug builds handles that are gone are known. */
static void freed_handles(const struct things *live)
{
    check_begin("freed handles and double frees");
    struct things t = *live;
    CHECK_OK(nlftp_config_new("/dev/x", &t.config));
    CHECK_OK(nlftp_config_free(t.config));
    expect_for_handle("config", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_config_free(t.config));

    CHECK_OK(nlftp_login_new("h", "u", "p", &t.login));
    CHECK_OK(nlftp_login_free(t.login));
    expect_for_handle("login", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_login_free(t.login));

    CHECK_OK(nlftp_transfer_options_new(&t.options));
    CHECK_OK(nlftp_transfer_options_free(t.options));
    expect_for_handle("options", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_transfer_options_free(t.options));
    CHECK_IS(NLFTP_CLOSED, nlftp_ftp_put_memory(live->modem, "x", 1, "x", t.options, NULL));

    t.modem = fresh_modem();
    CHECK_OK(nlftp_modem_command(t.modem, "AT", NULL, &t.op));
    CHECK_OK(nlftp_op_free(t.op));
    expect_for_handle("op", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_op_free(t.op));
    CHECK_OK(nlftp_modem_free(t.modem));
    expect_for_handle("modem", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_modem_free(t.modem));

    CHECK_OK(nlftp_listing_parse("a\nb\n", 4, &t.listing));
    CHECK_OK(nlftp_listing_free(t.listing));
    expect_for_handle("listing", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_listing_free(t.listing));

    CHECK_OK(nlftp_modem_command(live->modem, "ATI", &t.lines, NULL));
    CHECK_OK(nlftp_lines_free(t.lines));
    expect_for_handle("lines", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_lines_free(t.lines));

    CHECK_OK(nlftp_modem_info(live->modem, &t.info, NULL));
    CHECK_OK(nlftp_info_free(t.info));
    expect_for_handle("info", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_info_free(t.info));

    CHECK_OK(nlftp_ftp_entries(live->modem, NULL, &t.entries));
    CHECK_OK(nlftp_entries_free(t.entries));
    expect_for_handle("entries", &t, NLFTP_CLOSED);
    CHECK_IS(NLFTP_CLOSED, nlftp_entries_free(t.entries));
}

/* In debug builds a handle knows its type. */
static void wrong_types(const struct things *live)
{
    check_begin("handles of another type");
    struct things t = *live;
    t.config = (nlftp_config *)live->login;
    t.login = (nlftp_login *)live->options;
    t.options = (nlftp_transfer_options *)live->modem;
    t.modem = (nlftp_modem *)live->op;
    t.op = (nlftp_op *)live->config;
    t.lines = (nlftp_lines *)live->listing;
    t.listing = (nlftp_listing *)live->info;
    t.entries = (nlftp_entries *)live->lines;
    t.info = (nlftp_info *)live->entries;
    static const char *const handles[] = {"config", "login", "options", "modem", "op", "lines", "listing", "entries",
                                          "info"};
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) {
        expect_for_handle(handles[i], &t, NLFTP_INVALID_ARGUMENT);
    }
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_config_free(t.config));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_login_free(t.login));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_transfer_options_free(t.options));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_modem_free(t.modem));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_op_free(t.op));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_lines_free(t.lines));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_listing_free(t.listing));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_entries_free(t.entries));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_info_free(t.info));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_open(live->modem, t.login, NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_get_memory(live->modem, "x", live->buffer, 8, NULL, t.options, NULL));
}

static void last_error(const struct things *live)
{
    check_begin("the last error");
    CHECK_TEXT("", nlftp_last_error());
    CHECK_IS(NLFTP_OK, nlftp_last_error_status());
    uint32_t code = 77;
    CHECK_IS(NLFTP_NO_VALUE, nlftp_last_error_code(&code));
    CHECK(code == 77);

    /* The modem's own number and words: it was told to refuse this once. */
    CHECK_IS(NLFTP_COMMAND, nlftp_modem_set_ftp_limit(live->modem, 100, NULL));
    CHECK_IS(NLFTP_COMMAND, nlftp_last_error_status());
    nlftp_code_family family = NLFTP_CODE_TCP_IP;
    const char *words = NULL;
    const char *meaning = NULL;
    CHECK_OK(nlftp_last_error_code(&code));
    CHECK_OK(nlftp_last_error_code_family(&family));
    CHECK(family == NLFTP_CODE_CME);
    CHECK_OK(nlftp_last_error_text(&words));
    CHECK_CONTAINS("ERROR", words);
    CHECK_OK(nlftp_code_meaning(family, code, &meaning));
    CHECK_CONTAINS(meaning, nlftp_last_error());
    meaning = NULL;
    CHECK_IS(NLFTP_NO_VALUE, nlftp_code_meaning(NLFTP_CODE_CME, 99999999, &meaning));
    CHECK(meaning == NULL);

    /* What is no failure leaves it alone: a success, PENDING, AGAIN, NO_VALUE. */
    char *before = check_copy(nlftp_last_error());
    bool connected = false;
    CHECK_OK(nlftp_ftp_is_connected(live->modem, &connected, NULL));
    CHECK(connected);
    uint64_t moved = 0;
    CHECK_IS(NLFTP_NO_VALUE, nlftp_last_error_transferred(&moved));
    const char *line = NULL;
    CHECK_IS(NLFTP_NO_VALUE, nlftp_lines_get(live->lines, SIZE_MAX, &line, NULL));
    CHECK_TEXT(before, nlftp_last_error());
    CHECK_IS(NLFTP_COMMAND, nlftp_last_error_status());
    free(before);

    /* A system's error, with its number. */
    nlftp_modem *absent = fresh_modem();
    CHECK_IS(NLFTP_PORT, nlftp_modem_open(absent, NULL));
    CHECK_CONTAINS("/dev/nlftp-is-not-there", nlftp_last_error());
    CHECK_IS(NLFTP_NO_VALUE, nlftp_last_error_code(&code));
    CHECK_OK(nlftp_modem_free(absent));
    int number = 0;
    CHECK_IS(NLFTP_LOCAL_FILE, nlftp_ftp_put_file(live->modem, "/nlftp/is/not/there", "x", NULL, NULL));
    CHECK_CONTAINS("/nlftp/is/not/there", nlftp_last_error());
    CHECK_OK(nlftp_last_error_errno(&number));
    CHECK(number == 2);

    /* Refused by the server, and by the name. */
    CHECK_IS(NLFTP_REFUSED, nlftp_ftp_cwd(live->modem, "no-such-directory", NULL));
    CHECK_CONTAINS("no-such-directory", nlftp_last_error());
    CHECK_IS(NLFTP_NO_VALUE, nlftp_last_error_errno(&number));
}

int main(int argc, char **argv)
{
    CHECK(argc == 6);
    bool debug = strcmp(argv[5], "debug") == 0;
    struct things t;
    things_make(&t, argv[1], argv[2], argv[3], argv[4]);
    last_error(&t);
    nulls(&t);
    allowed_nulls(&t);
    closed_modem(&t);
    if (debug) {
        freed_handles(&t);
        wrong_types(&t);
    }
    odd_sizes(&t);
    odd_numbers(&t);
    odd_texts(&t);
    odd_callbacks(&t);
    things_free(&t);
    puts("all is well");
    return 0;
}
