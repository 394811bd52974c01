/* The driver through its C interface: source and sink are callbacks. library WAY PORT SIZE FILE */
#include <nlftp.h>
#include <string.h>

#include "cost.h"

/* The file is this block over and over, as for the other clients: no memory of the size of the file is gone through. */
#define BLOCK ((size_t)1 << 20)
static unsigned char *block;
static size_t size, moved;
static int differs;
static nlftp_modem *modem;

static void check(nlftp_status status) {
    if (status == NLFTP_OK) return;
    fprintf(stderr, "%s\n", nlftp_last_error());
    exit(1);
}

static void command(void) { check(nlftp_modem_command(modem, "AT", NULL, NULL)); }

static nlftp_status give(void *buffer, size_t room, size_t *count, void *user_data) {
    (void)user_data;
    size_t from = moved % BLOCK;
    *count = room < size - moved ? room : size - moved;
    if (*count > BLOCK - from) *count = BLOCK - from;
    memcpy(buffer, block + from, *count);
    moved += *count;
    return NLFTP_OK;
}

static nlftp_status take(const void *bytes, size_t length, size_t *count, void *user_data) {
    (void)user_data;
    size_t from = moved % BLOCK;
    *count = length < BLOCK - from ? length : BLOCK - from;
    if (*count > size - moved || memcmp(bytes, block + from, *count) != 0) differs = 1;
    moved += *count;
    return NLFTP_OK;
}

int main(int argc, char **argv) {
    nlftp_config *config = NULL;
    nlftp_login *login = NULL;
    nlftp_transfer_options *options = NULL;
    if (argc != 5) return 2;
    const char *way = argv[1];
    size = strtoul(argv[3], NULL, 10);
    check(nlftp_config_new(argv[2], &config));
    check(nlftp_modem_new(config, &modem));
    check(nlftp_modem_open(modem, NULL));
    if (strcmp(way, "at") == 0) {
        print_commands((long)size, command);
        nlftp_modem_free(modem);
        nlftp_config_free(config);
        return 0;
    }
    block = load(argv[4], size < BLOCK ? size : BLOCK);
    check(nlftp_login_new("h", "u", "p", &login));
    check(nlftp_ftp_open(modem, login, NULL));
    check(nlftp_transfer_options_new(&options));
    check(nlftp_transfer_options_set_verify(options, NLFTP_VERIFY_NONE));
    int block = strcmp(way, "recv") == 0 || strcmp(way, "put") == 0;
    check(nlftp_transfer_options_set_via(options, block ? NLFTP_VIA_BLOCK : NLFTP_VIA_STREAM));
    int up = strcmp(way, "stor") == 0 || strcmp(way, "put") == 0;
    double spent = processor(), start = now();
    if (up) check(nlftp_ftp_put(modem, give, NULL, NULL, (int64_t)size, "f.bin", options, NULL));
    else check(nlftp_ftp_get(modem, "f.bin", take, NULL, options, NULL));
    print_transfer(start, spent);
    nlftp_transfer_options_free(options);
    nlftp_login_free(login);
    nlftp_modem_free(modem);
    nlftp_config_free(config);
    if (differs || moved != size) {
        fprintf(stderr, "the file did not arrive as it was\n");
        return 1;
    }
    return 0;
}
