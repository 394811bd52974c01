/* What a client costs: without arguments, a bare program; with a port, a modem that was opened on it and has nothing to do; with
 * user and password too, after it has downloaded f.bin, the most that it ever had. */
#include <stdio.h>
#include <string.h>

#ifdef WITH_NLFTP
#include <nlftp.h>
#endif

static void print_memory(const char *which) {
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, which, 6) == 0) fputs(line + 6, stdout);
    if (status != NULL) fclose(status);
}

#ifdef WITH_NLFTP
static nlftp_status take(const void *bytes, size_t length, size_t *count, void *user_data) {
    (void)bytes;
    (void)user_data;
    *count = length;
    return NLFTP_OK;
}
#endif

int main(int argc, char **argv) {
#ifdef WITH_NLFTP
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    nlftp_login *login = NULL;
    if ((argc != 2 && argc != 4) || nlftp_config_new(argv[1], &config) != NLFTP_OK ||
        nlftp_modem_new(config, &modem) != NLFTP_OK || nlftp_modem_open(modem, NULL) != NLFTP_OK) {
        fprintf(stderr, "%s\n", nlftp_last_error());
        return 1;
    }
    if (argc == 4 && (nlftp_login_new("ftp.example.com", argv[2], argv[3], &login) != NLFTP_OK ||
                      nlftp_ftp_open(modem, login, NULL) != NLFTP_OK ||
                      nlftp_ftp_get(modem, "f.bin", take, NULL, NULL, NULL) != NLFTP_OK)) {
        fprintf(stderr, "%s\n", nlftp_last_error());
        return 1;
    }
    print_memory(argc == 4 ? "VmHWM:" : "VmRSS:");
    nlftp_login_free(login);
    nlftp_modem_free(modem);
    nlftp_config_free(config);
#else
    (void)argc;
    (void)argv;
    print_memory("VmRSS:");
#endif
    return 0;
}
