// A virtual modem with its FTP server, and a Modem that drives it. Also for programs without exceptions.
#ifndef RIG_HPP
#define RIG_HPP

#include <nlftp.hpp>
#include <nlftp_sim.hpp>

#include <poll.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "check.hpp"

inline nlftp::sim::VirtualModem start_sim(const nlftp::sim::Options &options) {
    std::error_code error;
    nlftp::sim::VirtualModem sim(options, error);
    if (error) {
        check_failed(__FILE__, __LINE__, nlftp::sim::last_error());
    }
    return sim;
}

inline nlftp::Modem make_modem(const std::filesystem::path &port) {
    std::error_code error;
    const nlftp::Config config(port, error);
    CHECK_NONE(error);
    nlftp::Modem modem(config, error);
    CHECK_NONE(error);
    return modem;
}

// A virtual modem and a handle for it, which is not open yet.
struct Rig {
    explicit Rig(const nlftp::sim::Options &options = nlftp::sim::Options())
        : sim(start_sim(options)), modem(make_modem(sim.port())) {}

    nlftp::Login login() const {
        std::error_code error;
        nlftp::Login login("ftp.example.com", sim.user(), sim.password(), error);
        CHECK_NONE(error);
        return login;
    }

    // Opens the port and logs in.
    nlftp::Ftp connect() {
        std::error_code error;
        modem.open(error);
        CHECK_NONE(error);
        nlftp::Ftp ftp = modem.ftp(login(), error);
        CHECK_NONE(error);
        return ftp;
    }

    // Whether the modem got a command line that begins so.
    bool got(const std::string &begin) const {
        const std::size_t count = sim.command_count();
        for (std::size_t index = 0; index < count; ++index) {
            const std::string line = sim.command(index).value_or("");
            if (line.compare(0, begin.size(), begin) == 0) {
                return true;
            }
        }
        return false;
    }

    nlftp::sim::VirtualModem sim;
    nlftp::Modem modem;
};

// A folder that is gone afterwards.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "nlftp-cpp-XXXXXX").string();
        CHECK(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    std::filesystem::path operator/(const std::string &name) const { return path_ / name; }
    const std::filesystem::path &path() const { return path_; }

private:
    std::filesystem::path path_;
};

// Octets that look like anything, many of them the framing characters 0x03 and 0x10.
inline std::string make_data(std::size_t size, std::uint32_t seed = 1) {
    std::string data(size, '\0');
    for (char &octet : data) {
        seed = seed * 1664525 + 1013904223;
        const unsigned value = seed >> 24;
        octet = static_cast<char>(value < 32 ? 0x10 : value < 64 ? 0x03 : value);
    }
    return data;
}

inline std::string read_file(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    CHECK(file.is_open());
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::filesystem::path &path, const std::string &data) {
    std::ofstream file(path, std::ios::binary);
    file << data;
    file.close();
    CHECK(!file.fail());
}

// Waits as an event loop does until there is something to dispatch.
inline void wait_readable(const nlftp::Modem &modem) {
    std::error_code error;
    pollfd descriptor{modem.fd(error), POLLIN, 0};
    CHECK_NONE(error);
    while (poll(&descriptor, 1, -1) < 0) {
        CHECK(errno == EINTR);
    }
}

#endif
