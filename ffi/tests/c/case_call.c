#include "case_call.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_listing.h"
#include "check.h"

/* What a call gives besides its status. */
enum value { VALUE_NONE, VALUE_LINES, VALUE_TEXT, VALUE_CONNECTED, VALUE_LISTING, VALUE_SENT, VALUE_MEMORY };

struct call_verb {
    const char *name;
    enum value value;
    nlftp_status (*make)(struct call *call, nlftp_modem *modem, nlftp_op **op);
};

/* `key=value` among the words, unescaped; NULL without it. To be freed. */
static char *setting(const struct call *call, const char *key, size_t *length)
{
    size_t size = strlen(key);
    for (size_t i = 0; i < call->word_count; i++) {
        if (strncmp(call->words[i], key, size) == 0 && call->words[i][size] == '=') {
            struct bytes value = unescape_word(call->words[i] + size + 1);
            if (length != NULL) {
                *length = value.length;
            }
            return value.data;
        }
    }
    return NULL;
}

static unsigned long long number(const struct call *call, const char *key)
{
    char *text = setting(call, key, NULL);
    unsigned long long value = text == NULL ? 0 : strtoull(text, NULL, 10);
    free(text);
    return value;
}

static bool flag(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->word_count; i++) {
        if (strcmp(call->words[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* A text of the call; an argument that the call leaves out is NULL. */
static const char *text(const struct call *call, size_t index)
{
    return index < call->word_count ? call->texts[index].data : NULL;
}

/* -- one function for each verb -- */

static nlftp_status make_command(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_modem_command(modem, call->rest, op ? NULL : &call->lines, op);
}

static nlftp_status make_login(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    nlftp_login *login = NULL;
    nlftp_status status = nlftp_login_new(text(call, 0), text(call, 1), text(call, 2), &login);
    char *account = setting(call, "account", NULL);
    if (status == NLFTP_OK && account != NULL) {
        status = nlftp_login_set_account(login, account);
    }
    free(account);
    if (status == NLFTP_OK) {
        CHECK_OK(nlftp_login_set_port(login, (uint16_t)number(call, "port")));
        CHECK_OK(nlftp_login_set_source_control_port(login, (uint16_t)number(call, "source_control_port")));
        CHECK_OK(nlftp_login_set_source_data_port(login, (uint16_t)number(call, "source_data_port")));
        CHECK_OK(nlftp_login_set_tls(login, flag(call, "tls")));
        CHECK_OK(nlftp_login_set_passive(login, !flag(call, "active")));
        status = nlftp_ftp_open(modem, login, op);
    }
    /* The call has its own copy. */
    nlftp_login_free(login);
    return status;
}

static nlftp_status make_close(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    (void)call;
    return nlftp_ftp_close(modem, op);
}

static nlftp_status make_is_connected(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_is_connected(modem, op ? NULL : &call->connected, op);
}

static void ignore_line(const char *line, void *user_data)
{
    (void)line;
    (void)user_data;
}

static nlftp_status make_info(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_on_info(modem, flag(call, "on") ? ignore_line : NULL, NULL, op);
}

static nlftp_status make_attach(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    char **address = op ? NULL : &call->text;
    if (call->word_count == 3) {
        return nlftp_modem_attach_with_login(modem, text(call, 0), text(call, 1), text(call, 2), address, op);
    }
    return nlftp_modem_attach(modem, text(call, 0), address, op);
}

static nlftp_status make_detach(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    (void)call;
    return nlftp_modem_detach(modem, op);
}

static nlftp_status make_set_ftp_limit(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_modem_set_ftp_limit(modem, (uint32_t)strtoul(text(call, 0), NULL, 10), op);
}

static nlftp_status make_delete(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_delete_file(modem, text(call, 0), op);
}

static nlftp_status make_cwd(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_cwd(modem, text(call, 0), op);
}

static nlftp_status make_mkd(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_mkd(modem, text(call, 0), op);
}

static nlftp_status make_rmd(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_rmd(modem, text(call, 0), op);
}

static nlftp_status make_rename(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_rename(modem, text(call, 0), text(call, 1), op);
}

static nlftp_status make_cdup(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    (void)call;
    return nlftp_ftp_cdup(modem, op);
}

static nlftp_status make_noop(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    (void)call;
    return nlftp_ftp_noop(modem, op);
}

static nlftp_status make_pwd(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_pwd(modem, op ? NULL : &call->text, op);
}

static nlftp_status make_syst(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_syst(modem, op ? NULL : &call->text, op);
}

static nlftp_status make_stat(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_stat(modem, text(call, 0), op ? NULL : &call->lines, op);
}

static nlftp_status make_list(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    return nlftp_ftp_list(modem, text(call, 0), op ? NULL : &call->listing, op);
}

static nlftp_transfer_options *options_of(const struct call *call)
{
    nlftp_transfer_options *options = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    bool block = call->word_count > 1 && strcmp(call->words[1], "block") == 0;
    CHECK_OK(nlftp_transfer_options_set_via(options, block ? NLFTP_VIA_BLOCK : NLFTP_VIA_STREAM));
    CHECK_OK(nlftp_transfer_options_set_type(options, flag(call, "ascii") ? NLFTP_TYPE_ASCII : NLFTP_TYPE_BINARY));
    CHECK_OK(nlftp_transfer_options_set_verify(options, NLFTP_VERIFY_NONE));
    CHECK_OK(nlftp_transfer_options_set_temporary(options, flag(call, "temporary")));
    return options;
}

static nlftp_status make_put(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    nlftp_transfer_options *options = options_of(call);
    nlftp_status status = nlftp_transfer_options_set_offset(options, number(call, "offset"));
    bool source = call->word_count > 2 && strchr(call->words[2], '=') == NULL;
    if (status == NLFTP_OK) {
        /* The bytes belong to the call until it has ended: they stay in its words. */
        status = nlftp_ftp_put_memory(modem, source ? call->texts[2].data : "", source ? call->texts[2].length : 0,
                                      text(call, 0), options, op);
    }
    CHECK_OK(nlftp_transfer_options_free(options));
    return status;
}

static nlftp_status make_get(struct call *call, nlftp_modem *modem, nlftp_op **op)
{
    nlftp_transfer_options *options = options_of(call);
    nlftp_status status = nlftp_transfer_options_set_offset(options, number(call, "offset"));
    if (status == NLFTP_OK) {
        status = nlftp_ftp_get_memory(modem, text(call, 0), call->memory, sizeof call->memory,
                                      op ? NULL : &call->memory_size, options, op);
    }
    CHECK_OK(nlftp_transfer_options_free(options));
    return status;
}

static const struct call_verb verbs[] = {
    {"command", VALUE_LINES, make_command},
    {"login", VALUE_NONE, make_login},
    {"close", VALUE_NONE, make_close},
    {"is_connected", VALUE_CONNECTED, make_is_connected},
    {"info", VALUE_NONE, make_info},
    {"attach", VALUE_TEXT, make_attach},
    {"detach", VALUE_NONE, make_detach},
    {"set_ftp_limit", VALUE_NONE, make_set_ftp_limit},
    {"delete", VALUE_NONE, make_delete},
    {"cwd", VALUE_NONE, make_cwd},
    {"mkd", VALUE_NONE, make_mkd},
    {"rmd", VALUE_NONE, make_rmd},
    {"rename", VALUE_NONE, make_rename},
    {"cdup", VALUE_NONE, make_cdup},
    {"noop", VALUE_NONE, make_noop},
    {"pwd", VALUE_TEXT, make_pwd},
    {"syst", VALUE_TEXT, make_syst},
    {"stat", VALUE_LINES, make_stat},
    {"list", VALUE_LISTING, make_list},
    {"put", VALUE_SENT, make_put},
    {"get", VALUE_MEMORY, make_get},
};

/* -- reading a call -- */

void call_read(struct call *call, const struct protocol_case *of)
{
    memset(call, 0, sizeof *call);
    const char *blank = strchr(of->call, ' ');
    size_t length = blank == NULL ? strlen(of->call) : (size_t)(blank - of->call);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strlen(verbs[i].name) == length && strncmp(of->call, verbs[i].name, length) == 0) {
            call->verb = &verbs[i];
        }
    }
    if (call->verb == NULL) {
        printf("unknown call: %s\n", of->call);
        CHECK_FAIL("a call that nobody knows");
    }
    call->rest = blank == NULL ? "" : blank + 1;
    if (call->verb->make == make_command) {
        return;
    }
    call->line = check_copy(call->rest);
    for (char *rest = NULL, *word = strtok_r(call->line, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        CHECK(call->word_count < sizeof call->words / sizeof *call->words);
        call->words[call->word_count] = word;
        call->texts[call->word_count] = unescape_word(word);
        call->word_count++;
    }
}

void call_free(struct call *call)
{
    for (size_t i = 0; i < call->word_count; i++) {
        free(call->texts[i].data);
    }
    free(call->line);
}

bool call_is_login(const struct call *call) { return call->verb->make == make_login; }

bool call_is_list(const struct call *call) { return call->verb->make == make_list; }

const char *call_inexpressible(const struct call *call)
{
    for (size_t i = 0; i < call->word_count; i++) {
        bool source = call->verb->make == make_put && i == 2;
        if (!source && memchr(call->texts[i].data, '\0', call->texts[i].length) != NULL) {
            return "a C string ends at its first NUL";
        }
    }
    char *port = setting(call, "port", NULL);
    bool zero = port != NULL && strcmp(port, "0") == 0;
    free(port);
    return zero ? "port 0 stands for the default in C" : NULL;
}

/* -- what it gives -- */

static char *complaint(const char *format, ...)
{
    char *out = check_alloc(4096);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out, 4096, format, arguments);
    va_end(arguments);
    return out;
}

static char *compare(const struct bytes *expected, const char *got, size_t length)
{
    if (length == expected->length && memcmp(got, expected->data, length) == 0) {
        return NULL;
    }
    return complaint("it gives \"%.*s\", not \"%s\"", (int)length, got, expected->data);
}

static char *compare_lines(const struct bytes *expected, const nlftp_lines *lines)
{
    size_t count = 0;
    CHECK_OK(nlftp_lines_count(lines, &count));
    char all[4096];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *line = NULL;
        size_t length = 0;
        CHECK_OK(nlftp_lines_get(lines, i, &line, &length));
        CHECK(strlen(line) == length);
        CHECK(used + length + 2 < sizeof all);
        if (i > 0) {
            all[used++] = '|';
        }
        memcpy(all + used, line, length);
        used += length;
    }
    const char *none = NULL;
    CHECK_IS(NLFTP_NO_VALUE, nlftp_lines_get(lines, count, &none, NULL));
    CHECK(none == NULL);
    return compare(expected, all, used);
}

/* The value of a call that went well. */
static char *compare_value(struct call *call, nlftp_op *op, const struct bytes *expected)
{
    const nlftp_lines *lines = call->lines;
    const nlftp_listing *listing = call->listing;
    const char *words = call->text;
    bool connected = call->connected;
    uint64_t bytes = call->memory_size;
    const nlftp_transfer *transfer = NULL;
    nlftp_via via = NLFTP_VIA_AUTO;
    char sent[64];
    switch (call->verb->value) {
    case VALUE_LINES:
        if (op != NULL) {
            CHECK_OK(nlftp_op_lines(op, &lines));
        }
        return compare_lines(expected, lines);
    case VALUE_TEXT:
        if (op != NULL) {
            CHECK_OK(nlftp_op_text(op, &words));
        }
        return compare(expected, words, strlen(words));
    case VALUE_CONNECTED:
        if (op != NULL) {
            CHECK_OK(nlftp_op_connected(op, &connected));
        }
        return compare(expected, connected ? "true" : "false", connected ? 4 : 5);
    case VALUE_LISTING:
        if (op != NULL) {
            CHECK_OK(nlftp_op_listing(op, &listing));
        }
        return listing_compare(expected, listing) ? NULL : complaint("the listing differs from \"%s\"", expected->data);
    case VALUE_MEMORY:
        if (op != NULL) {
            CHECK_OK(nlftp_op_transfer(op, &transfer));
            CHECK_OK(nlftp_transfer_bytes(transfer, &bytes));
        }
        return compare(expected, call->memory, (size_t)bytes);
    case VALUE_SENT:
        /* A blocking call has no result; what was sent is the script's to compare. */
        if (op == NULL) {
            return NULL;
        }
        CHECK_OK(nlftp_op_transfer(op, &transfer));
        CHECK_OK(nlftp_transfer_bytes(transfer, &bytes));
        CHECK_OK(nlftp_transfer_via(transfer, &via));
        sprintf(sent, "%lu %s", (unsigned long)bytes, via == NLFTP_VIA_BLOCK ? "block" : "stream");
        return compare(expected, sent, strlen(sent));
    case VALUE_NONE:
        break;
    }
    return compare(expected, "", 0);
}

static char *compare_error(nlftp_status status, const struct protocol_case *expected)
{
    if (strcmp(nlftp_status_name(status), expected->kind) != 0) {
        return complaint("it ends with %s (%s), not with %s", nlftp_status_name(status), nlftp_last_error(),
                         expected->kind);
    }
    CHECK_IS(status, nlftp_last_error_status());
    if (strstr(nlftp_last_error(), expected->text) == NULL) {
        return complaint("its error is \"%s\", without \"%s\"", nlftp_last_error(), expected->text);
    }
    return NULL;
}

nlftp_status call_follow(nlftp_modem *modem, nlftp_op *op)
{
    struct pollfd readable = {-1, POLLIN, 0};
    CHECK_OK(nlftp_modem_fd(modem, &readable.fd));
    nlftp_op *done = NULL;
    for (;;) {
        CHECK_OK(nlftp_modem_dispatch(modem, &done));
        if (done != NULL) {
            CHECK(done == op);
            return nlftp_op_status(op);
        }
        /* The limit ends a test that hangs. */
        CHECK(poll(&readable, 1, 100000) == 1);
    }
}

char *call_check(struct call *call, nlftp_modem *modem, enum call_mode mode, const struct protocol_case *expected)
{
    nlftp_op *op = NULL;
    nlftp_status status;
    char *wrong = NULL;
    if (mode == CALL_ENTRIES) {
        bool same = false;
        status = listing_compare_entries(modem, text(call, 0), &expected->value, &same);
        if (status == NLFTP_OK && expected->ok && !same) {
            wrong = complaint("the entries differ from \"%s\"", expected->value.data);
        }
    } else {
        status = call->verb->make(call, modem, mode == CALL_DISPATCH ? &op : NULL);
        if (mode == CALL_DISPATCH && status == NLFTP_OK) {
            CHECK(op != NULL);
            status = call_follow(modem, op);
        }
        if (status == NLFTP_OK && expected->ok) {
            wrong = compare_value(call, op, &expected->value);
        }
    }
    if (status != NLFTP_OK) {
        /* Outputs are written on success only. */
        CHECK(call->text == NULL && call->lines == NULL && call->listing == NULL && call->memory_size == 0);
    }
    if (status == NLFTP_OK && !expected->ok) {
        wrong = complaint("it ends well, not with %s", expected->kind);
    } else if (status != NLFTP_OK && expected->ok) {
        wrong = complaint("it ends with %s (%s)", nlftp_status_name(status), nlftp_last_error());
    } else if (status != NLFTP_OK) {
        wrong = compare_error(status, expected);
    }
    CHECK_OK(nlftp_string_free(call->text));
    CHECK_OK(nlftp_lines_free(call->lines));
    CHECK_OK(nlftp_listing_free(call->listing));
    CHECK_OK(nlftp_op_free(op));
    return wrong;
}
