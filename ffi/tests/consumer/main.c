/*
 * A program that uses the installed library: tries to open the port that it is given, which is not there, and
 * prints the status and what the library says of it.
 */
#include <stdio.h>
#include <string.h>

#include <nlftp.h>

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, nlftp_last_error());
    return 1;
}

int main(int argc, char **argv)
{
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    nlftp_status status;

    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    if (strcmp(nlftp_version(), NLFTP_VERSION) != 0) {
        fprintf(stderr, "the library is %s, its header %s\n", nlftp_version(), NLFTP_VERSION);
        return 1;
    }
    if (nlftp_config_new(argv[1], &config) != NLFTP_OK) {
        return failed("nlftp_config_new");
    }
    if (nlftp_modem_new(config, &modem) != NLFTP_OK) {
        return failed("nlftp_modem_new");
    }
    status = nlftp_modem_open(modem, NULL);
    printf("%d %s\n%s\n", (int)status, nlftp_status_name(status), nlftp_last_error());
    if (nlftp_modem_free(modem) != NLFTP_OK) {
        return failed("nlftp_modem_free");
    }
    if (nlftp_config_free(config) != NLFTP_OK) {
        return failed("nlftp_config_free");
    }
    return 0;
}
