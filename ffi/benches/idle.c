/* What a client costs that has nothing to do: with an argument, a modem that was opened on that port; without, a bare program. */
#include <stdio.h>
#include <string.h>

#ifdef WITH_NLFTP
#include <nlftp.h>
#endif

static void print_memory(void) {
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0) fputs(line + 6, stdout);
    if (status != NULL) fclose(status);
}

int main(int argc, char **argv) {
#ifdef WITH_NLFTP
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    if (argc != 2 || nlftp_config_new(argv[1], &config) != NLFTP_OK || nlftp_modem_new(config, &modem) != NLFTP_OK ||
        nlftp_modem_open(modem, NULL) != NLFTP_OK) {
        fprintf(stderr, "%s\n", nlftp_last_error());
        return 1;
    }
    print_memory();
    nlftp_modem_free(modem);
    nlftp_config_free(config);
#else
    (void)argc;
    (void)argv;
    print_memory();
#endif
    return 0;
}
