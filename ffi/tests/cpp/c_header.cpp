// nlftp.h and nlftp_sim.h alone, from C++11 on.
#include <nlftp.h>
#include <nlftp_sim.h>

#include <string>

static_assert(sizeof(nlftp_status) == 4, "an enum of 32 bits");

int main() {
    nlftp_config *config = nullptr;
    if (nlftp_config_new("", &config) != NLFTP_INVALID_ARGUMENT) {
        return 1;
    }
    if (std::string(nlftp_version()) != NLFTP_VERSION || std::string(nlftp_last_error()).empty()) {
        return 2;
    }
    return std::string(nlftp_sim_version()).empty() ? 3 : 0;
}
