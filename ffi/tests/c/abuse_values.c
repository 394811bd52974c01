#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abuse.h"
#include "check.h"

void odd_sizes(const struct things *live)
{
    check_begin("sizes of 0 and SIZE_MAX");
    char byte = 'x';
    size_t size = 77;
    nlftp_listing *listing = NULL;
    size_t count = 77;

    /* No object is larger than half of the address space. */
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_put_memory(live->modem, &byte, SIZE_MAX, "x", NULL, NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_get_memory(live->modem, "x", &byte, SIZE_MAX, &size, NULL, NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_listing_parse(&byte, SIZE_MAX, &listing));
    CHECK(size == 77 && listing == NULL);

    /* An empty file up and down, with and without a place for it. */
    CHECK_OK(nlftp_ftp_put_memory(live->modem, &byte, 0, "empty", NULL, NULL));
    CHECK_OK(nlftp_ftp_get_memory(live->modem, "empty", &byte, 1, &size, NULL, NULL));
    CHECK(size == 0 && byte == 'x');
    size = 77;
    CHECK_OK(nlftp_ftp_get_memory(live->modem, "empty", &byte, 0, &size, NULL, NULL));
    CHECK(size == 0 && byte == 'x');

    /* A file that just fits, and one that does not. */
    CHECK_OK(nlftp_ftp_put_memory(live->modem, "abc", 3, "three", NULL, NULL));
    char three[4] = "...";
    CHECK_OK(nlftp_ftp_get_memory(live->modem, "three", three, 3, &size, NULL, NULL));
    CHECK(size == 3 && memcmp(three, "abc", 4) == 0);
    char two[3] = "..";
    size = 77;
    CHECK_IS(NLFTP_TRANSFER, nlftp_ftp_get_memory(live->modem, "three", two, 2, &size, NULL, NULL));
    CHECK(size == 77 && two[2] == '\0');
    CHECK_IS(NLFTP_TRANSFER, nlftp_ftp_get_memory(live->modem, "three", &byte, 0, &size, NULL, NULL));
    CHECK(size == 77 && byte == 'x');

    /* Nothing needs no place. */
    CHECK_OK(nlftp_ftp_put_memory(live->modem, NULL, 0, "empty", NULL, NULL));
    size = 77;
    CHECK_OK(nlftp_ftp_get_memory(live->modem, "empty", NULL, 0, &size, NULL, NULL));
    CHECK(size == 0);
    CHECK_OK(nlftp_listing_parse(NULL, 0, &listing));
    CHECK_OK(nlftp_listing_free(listing));

    CHECK_OK(nlftp_listing_parse(&byte, 0, &listing));
    CHECK_OK(nlftp_listing_count(listing, &count));
    CHECK(count == 0);
    const nlftp_entry *entry = NULL;
    CHECK_IS(NLFTP_NO_VALUE, nlftp_listing_entry(listing, 0, &entry));
    CHECK_IS(NLFTP_NO_VALUE, nlftp_listing_entry(live->listing, SIZE_MAX, &entry));
    CHECK(entry == NULL);
    CHECK_OK(nlftp_listing_free(listing));
}

static const int odd_enums[] = {-1, 3, 99, INT_MAX, INT_MIN};

void odd_numbers(const struct things *live)
{
    check_begin("numbers out of their ranges");
    for (size_t i = 0; i < sizeof odd_enums / sizeof *odd_enums; i++) {
        int odd = odd_enums[i];
        CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_config_set_flow_control(live->config, (nlftp_flow_control)odd));
        CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_config_set_tls_field(live->config, (nlftp_tls_field)odd));
        CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_config_set_port_field(live->config, (nlftp_port_field)odd));
        CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_transfer_options_set_via(live->options, (nlftp_via)odd));
        CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_transfer_options_set_type(live->options, (nlftp_file_type)odd));
        CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_transfer_options_set_verify(live->options, (nlftp_verify)odd));
        const char *meaning = NULL;
        CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_code_meaning((nlftp_code_family)odd, 10, &meaning));
        CHECK(meaning == NULL);
        /* Three is a level; the others are none. */
        nlftp_status status = nlftp_set_log_callback((nlftp_log_level)odd, on_log, NULL);
        CHECK_IS(odd == 3 ? NLFTP_OK : NLFTP_INVALID_ARGUMENT, status);
        /* Names are for messages: there is always one. */
        CHECK(nlftp_status_name((nlftp_status)odd) != NULL && nlftp_status_name((nlftp_status)odd)[0] != '\0');
        CHECK(nlftp_status_text((nlftp_status)odd) != NULL && nlftp_status_text((nlftp_status)odd)[0] != '\0');
    }
    CHECK_OK(nlftp_set_log_callback(NLFTP_LOG_OFF, NULL, NULL));

    /* Times: a limit cannot be negative, and the largest number overflows nothing. */
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_config_set_timeout(live->config, -1));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_config_set_outcome_timeout(live->config, INT64_MIN));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_config_set_stall_timeout(live->config, -1));
    CHECK_OK(nlftp_config_set_timeout(live->config, INT64_MAX));
    CHECK_OK(nlftp_config_set_outcome_timeout(live->config, INT64_MAX));
    CHECK_OK(nlftp_config_set_stall_timeout(live->config, INT64_MAX));
    CHECK_OK(nlftp_config_set_deadline(live->config, INT64_MAX));
    CHECK_OK(nlftp_config_set_deadline(live->config, -1));
    nlftp_modem *patient = NULL;
    CHECK_OK(nlftp_modem_new(live->config, &patient));
    CHECK_OK(nlftp_modem_free(patient));
    CHECK_OK(nlftp_transfer_options_set_deadline(live->options, INT64_MAX));
    CHECK_OK(nlftp_ftp_put_memory(live->modem, "abc", 3, "patient", live->options, NULL));
    CHECK_OK(nlftp_transfer_options_set_deadline(live->options, INT64_MIN));
    CHECK_OK(nlftp_ftp_put_memory(live->modem, "abc", 3, "patient", live->options, NULL));
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_noop(live->modem, &op));
    CHECK_OK(nlftp_op_wait(op, INT64_MAX));
    CHECK_OK(nlftp_op_wait(op, INT64_MIN));
    CHECK_OK(nlftp_op_wait(op, 0));
    CHECK_OK(nlftp_op_free(op));

    /* Offsets that no command can say. */
    nlftp_transfer_options *options = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    nlftp_status status = nlftp_transfer_options_set_offset(options, UINT64_MAX);
    if (status == NLFTP_OK) {
        status = nlftp_ftp_get_memory(live->modem, "three", live->buffer, 8, NULL, options, NULL);
    }
    CHECK_IS(NLFTP_INVALID_ARGUMENT, status);
    CHECK_OK(nlftp_transfer_options_free(options));

    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_modem_set_ftp_limit(live->modem, UINT32_MAX, NULL));
    CHECK_IS(NLFTP_LOCAL_FILE, nlftp_ftp_put_fd(live->modem, 1000000, "x", NULL, NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_put_fd(live->modem, -1, "x", NULL, NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_get_fd(live->modem, "three", INT_MIN, NULL, NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT,
             nlftp_ftp_put(live->modem, read_nothing, NULL, NULL, INT64_MIN, "x", NULL, NULL));
}

void odd_texts(const struct things *live)
{
    check_begin("texts that are no UTF-8, and no names");
    /* Without 0xff, which is a command to Telnet, and so to an FTP server. */
    static const char odd[] = "\xe9-\xfe\x80";
    /* Names are octets, there and back. */
    CHECK_OK(nlftp_ftp_mkd(live->modem, odd, NULL));
    CHECK_OK(nlftp_ftp_cwd(live->modem, odd, NULL));
    char *directory = NULL;
    CHECK_OK(nlftp_ftp_pwd(live->modem, &directory, NULL));
    CHECK_CONTAINS(odd, directory);
    CHECK_OK(nlftp_string_free(directory));
    CHECK_OK(nlftp_ftp_put_memory(live->modem, "abc", 3, odd, NULL, NULL));
    nlftp_listing *listing = NULL;
    const nlftp_entry *entry = NULL;
    const char *name = NULL;
    size_t length = 0;
    CHECK_OK(nlftp_ftp_list(live->modem, NULL, &listing, NULL));
    CHECK_OK(nlftp_listing_entry(listing, 0, &entry));
    CHECK_OK(nlftp_entry_name(entry, &name, &length));
    CHECK_TEXT(odd, name);
    CHECK(length == strlen(odd));
    CHECK_OK(nlftp_listing_free(listing));
    CHECK_OK(nlftp_ftp_cdup(live->modem, NULL));

    /* A NUL inside is there for those who ask for the length, and no end for the others. */
    static const char line[] = "-rw-r--r-- 1 ftp ftp 49 Oct 26 15:15 a\0b\n";
    CHECK_OK(nlftp_listing_parse(line, sizeof line - 1, &listing));
    CHECK_OK(nlftp_listing_entry(listing, 0, &entry));
    CHECK_OK(nlftp_entry_name(entry, &name, &length));
    CHECK(length == 3 && memcmp(name, "a\0b", 4) == 0);
    CHECK_OK(nlftp_entry_name(entry, &name, NULL));
    CHECK_TEXT("a?b", name);
    CHECK_OK(nlftp_listing_free(listing));

    /* Errors say them as well as they can. */
    CHECK_IS(NLFTP_REFUSED, nlftp_ftp_cwd(live->modem, "\xe9-is-not-there", NULL));
    CHECK_CONTAINS("-is-not-there", nlftp_last_error());

    /* Host name and access point are text. */
    nlftp_login *login = NULL;
    nlftp_status status = nlftp_login_new(odd, "u", "p", &login);
    if (status == NLFTP_OK) {
        status = nlftp_ftp_open(live->modem, login, NULL);
        CHECK_OK(nlftp_login_free(login));
    }
    CHECK_IS(NLFTP_INVALID_ARGUMENT, status);
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_modem_attach(live->modem, odd, NULL, NULL));
    /* A path is not: the file is just not there. */
    CHECK_IS(NLFTP_LOCAL_FILE, nlftp_ftp_put_file(live->modem, odd, "x", NULL, NULL));

    /* No text leaves its quotes or its line. */
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_cwd(live->modem, "a\"b", NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_cwd(live->modem, "a\r\nAT+CFUN=0", NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_cwd(live->modem, "", NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_modem_command(live->modem, "AT\rAT", NULL, NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_modem_command(live->modem, "", NULL, NULL));
    char *long_name = check_alloc(100001);
    memset(long_name, 'x', 100000);
    long_name[100000] = '\0';
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_delete_file(live->modem, long_name, NULL));
    CHECK_CONTAINS("at most 255", nlftp_last_error());
    free(long_name);

    nlftp_config *config = NULL;
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_config_new("", &config));
    CHECK(config == NULL);
}
