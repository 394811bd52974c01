#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call_table.h"
#include "check.h"

bool is_untouched(const void *output, size_t size)
{
    const unsigned char *bytes = output;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != UNTOUCHED) {
            return false;
        }
    }
    return true;
}

void on_line(const char *line, void *user_data)
{
    (void)line;
    (void)user_data;
}

void on_state(nlftp_state state, void *user_data)
{
    (void)state;
    (void)user_data;
}

void on_progress(uint64_t done, int64_t total, double rate, void *user_data)
{
    (void)done;
    (void)total;
    (void)rate;
    (void)user_data;
}

void on_log(nlftp_log_level level, const char *message, void *user_data)
{
    (void)level;
    (void)message;
    (void)user_data;
}

nlftp_status read_nothing(void *buffer, size_t size, size_t *count, void *user_data)
{
    (void)buffer;
    (void)size;
    (void)user_data;
    *count = 0;
    return NLFTP_OK;
}

nlftp_status write_nothing(const void *data, size_t size, size_t *count, void *user_data)
{
    (void)data;
    (void)user_data;
    *count = size;
    return NLFTP_OK;
}

nlftp_status seek_nowhere(uint64_t offset, void *user_data)
{
    (void)offset;
    (void)user_data;
    return NLFTP_OK;
}

void things_make(struct things *t, const char *port, const char *host, const char *user, const char *password)
{
    memset(t, 0, sizeof *t);
    t->null_at = -1;
    t->fd = open("/dev/null", O_RDWR);
    CHECK(t->fd >= 0);
    t->buffer = check_alloc(64);
    CHECK_OK(nlftp_config_new(port, &t->config));
    CHECK_OK(nlftp_login_new(host, user, password, &t->login));
    CHECK_OK(nlftp_transfer_options_new(&t->options));
    CHECK_OK(nlftp_modem_new(t->config, &t->modem));
    CHECK_OK(nlftp_modem_open(t->modem, NULL));
    CHECK_OK(nlftp_ftp_open(t->modem, t->login, NULL));
    CHECK_OK(nlftp_ftp_put_memory(t->modem, "content", 7, "things.txt", NULL, &t->op));
    CHECK_OK(nlftp_op_wait(t->op, -1));
    CHECK_OK(nlftp_op_transfer(t->op, &t->transfer));
    CHECK_OK(nlftp_modem_command(t->modem, "ATI", &t->lines, NULL));
    CHECK_OK(nlftp_ftp_pwd(t->modem, &t->string, NULL));
    CHECK_OK(nlftp_modem_info(t->modem, &t->info, NULL));
    CHECK_OK(nlftp_ftp_list(t->modem, NULL, &t->listing, NULL));
    CHECK_OK(nlftp_listing_entry(t->listing, 0, &t->entry));
    CHECK_OK(nlftp_ftp_entries(t->modem, NULL, &t->entries));
    /* Read to its end, so that the modem is free for the next. */
    const nlftp_entry *entry = NULL;
    nlftp_status status;
    do {
        status = nlftp_entries_next(t->entries, &entry);
    } while (status == NLFTP_OK);
    CHECK_IS(NLFTP_NO_VALUE, status);
}

void things_free(struct things *t)
{
    close(t->fd);
    free(t->buffer);
    CHECK_OK(nlftp_config_free(t->config));
    CHECK_OK(nlftp_login_free(t->login));
    CHECK_OK(nlftp_transfer_options_free(t->options));
    CHECK_OK(nlftp_op_free(t->op));
    CHECK_OK(nlftp_lines_free(t->lines));
    CHECK_OK(nlftp_string_free(t->string));
    CHECK_OK(nlftp_info_free(t->info));
    CHECK_OK(nlftp_listing_free(t->listing));
    CHECK_OK(nlftp_entries_free(t->entries));
    CHECK_OK(nlftp_modem_free(t->modem));
}
