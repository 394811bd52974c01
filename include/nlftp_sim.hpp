// A virtual modem with its FTP server, for tests in C++17 and later. Header-only, over the C API of nlftp_sim.h.
//
//     nlftp::sim::VirtualModem sim;
//     nlftp::Modem modem{nlftp::Config{sim.port()}};
//     modem.open();
//     nlftp::Ftp ftp = modem.ftp(nlftp::Login("ftp.example.com", sim.user(), sim.password()));
//
// Build: c++ -std=c++17 test.cpp $(pkg-config --cflags --libs nlftp nlftp_sim)
//
// Every function that can fail is there twice: one throws nlftp::sim::Error, the other is noexcept and ends in a
// std::error_code &, whose sentence last_error() has. With -fno-exceptions only the latter are there.
#ifndef NLFTP_SIM_HPP
#define NLFTP_SIM_HPP

#include <nlftp_sim.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define NLFTP_SIM_HPP_EXCEPTIONS 1
#define NLFTP_SIM_HPP_BEGIN namespace nlftp { namespace sim {
#define NLFTP_SIM_HPP_END } }
#else // with names of its own, as in nlftp.hpp
#define NLFTP_SIM_HPP_EXCEPTIONS 0
#define NLFTP_SIM_HPP_BEGIN namespace nlftp { namespace sim { inline namespace without_exceptions {
#define NLFTP_SIM_HPP_END } } }
#endif

NLFTP_SIM_HPP_BEGIN

/// What became of a call.
enum class Status : int {
    ok = NLFTP_SIM_OK,
    invalid_argument = NLFTP_SIM_INVALID_ARGUMENT, ///< an unknown option, a value that cannot be, a moved-from object
    system = NLFTP_SIM_SYSTEM,                     ///< no pseudo-terminal, folder, socket or thread could be had
    closed = NLFTP_SIM_CLOSED,                     ///< it was stopped, or belongs to the forked process's parent
    panic = NLFTP_SIM_PANIC,                       ///< a bug of the library
    no_value = NLFTP_SIM_NO_VALUE                  ///< no failure: there is no such value
};

namespace detail {

class Category final : public std::error_category {
public:
    const char *name() const noexcept override { return "nlftp_sim"; }
    std::string message(int value) const override {
        switch (static_cast<Status>(value)) {
        case Status::ok: return "success";
        case Status::invalid_argument: return "an argument cannot be used";
        case Status::system: return "the system did not give what a virtual modem needs";
        case Status::closed: return "the virtual modem was stopped";
        case Status::panic: return "a bug of the library was stopped";
        case Status::no_value: return "there is no such value";
        }
        return "unknown status";
    }
};

} // namespace detail

/// The category of the error codes, "nlftp_sim". Its values are those of Status.
inline const std::error_category &error_category() noexcept {
    static const detail::Category category;
    return category;
}

/// An error code of this category.
inline std::error_code make_error_code(Status status) noexcept {
    return {static_cast<int>(status), error_category()};
}

/// A sentence about this thread's last failure.
inline std::string last_error() {
    return nlftp_sim_last_error();
}

#if NLFTP_SIM_HPP_EXCEPTIONS
/// What the throwing functions throw; what() ends in the sentence of last_error().
class Error : public std::system_error {
public:
    explicit Error(const std::error_code &error) : std::system_error(error, last_error()) {}
};
#endif

NLFTP_SIM_HPP_END

template <>
struct std::is_error_code_enum<nlftp::sim::Status> : std::true_type {};

NLFTP_SIM_HPP_BEGIN

namespace detail {

inline void check(std::error_code &error, nlftp_sim_status status) noexcept {
    error.clear();
    if (status != NLFTP_SIM_OK) {
        error = make_error_code(static_cast<Status>(status));
    }
}

#if NLFTP_SIM_HPP_EXCEPTIONS
inline void check(nlftp_sim_status status) {
    if (status != NLFTP_SIM_OK) {
        throw Error(make_error_code(static_cast<Status>(status)));
    }
}
#endif

} // namespace detail

/// How a virtual modem is to be: names and values as `nlftp sim --NAME VALUE` has them. Moved, not copied.
class Options {
public:
    /// Every default; only memory could be wanting.
    Options() noexcept {
        nlftp_sim_options *options = nullptr;
        nlftp_sim_options_new(&options);
        handle_.reset(options);
    }

    /// Sets an option, such as set("turnaround", "20"); nlftp_sim_options_set() has the list. Never blocks.
    Options &set(const std::string &name, const std::string &value, std::error_code &error) noexcept {
        detail::check(error, nlftp_sim_options_set(handle_.get(), name.c_str(), value.c_str()));
        return *this;
    }
#if NLFTP_SIM_HPP_EXCEPTIONS
    /// The same, throwing Error.
    Options &set(const std::string &name, const std::string &value) {
        detail::check(nlftp_sim_options_set(handle_.get(), name.c_str(), value.c_str()));
        return *this;
    }
#endif

    /// The C library's handle; null after a move.
    nlftp_sim_options *native_handle() const noexcept { return handle_.get(); }

private:
    struct Freer {
        void operator()(nlftp_sim_options *options) const noexcept { nlftp_sim_options_free(options); }
    };
    std::unique_ptr<nlftp_sim_options, Freer> handle_;
};

/// A running virtual modem with its FTP server; its destructor stops both, within half a second. Moved, not copied.
/// For any thread. What it runs on are threads of its own.
class VirtualModem {
public:
    /// Starts one; it can be used as soon as this returns. Blocks for milliseconds.
    VirtualModem(const Options &options, std::error_code &error) noexcept {
        nlftp_sim *sim = nullptr;
        detail::check(error, nlftp_sim_start(options.native_handle(), &sim));
        handle_.reset(sim);
    }
    /// One with every default.
    explicit VirtualModem(std::error_code &error) noexcept : VirtualModem(Options(), error) {}

    /// The port to open. This and what follows never blocks.
    std::filesystem::path port() const { return text(nlftp_sim_port); }
    /// The host of the FTP server. The modem reaches the server under the name of any other machine, too.
    std::string host() const { return text(nlftp_sim_host); }
    /// The control port of the FTP server.
    std::uint16_t server_port() const noexcept {
        std::uint16_t port = 0;
        nlftp_sim_server_port(handle_.get(), &port);
        return port;
    }
    /// The user who can log in; empty with the option "server".
    std::string user() const { return text(nlftp_sim_user); }
    /// The user's password; empty with the option "server".
    std::string password() const { return text(nlftp_sim_password); }
    /// The folder that the server serves; empty with the option "server".
    std::filesystem::path root() const { return text(nlftp_sim_root); }

    /// Makes the modem say a line that nobody asked for.
    void send_urc(const std::string &line, std::error_code &error) noexcept {
        detail::check(error, nlftp_sim_send_urc(handle_.get(), line.c_str()));
    }
    /// Makes the modem a device that never answers, or lets it speak again.
    void set_silent(bool silent, std::error_code &error) noexcept {
        detail::check(error, nlftp_sim_set_silent(handle_.get(), silent));
    }
    /// Unplugs the port.
    void hang_up(std::error_code &error) noexcept { detail::check(error, nlftp_sim_hang_up(handle_.get())); }

    /// How many command lines the modem got so far.
    std::size_t command_count() const noexcept {
        std::size_t count = 0;
        nlftp_sim_command_count(handle_.get(), &count);
        return count;
    }
    /// A command line that the modem got, as it was sent; the first is 0. std::nullopt: it has not come, or is not
    /// kept any more.
    std::optional<std::string> command(std::size_t index) const {
        const char *line = nullptr;
        if (nlftp_sim_command(handle_.get(), index, &line) != NLFTP_SIM_OK) {
            return std::nullopt;
        }
        return line;
    }

#if NLFTP_SIM_HPP_EXCEPTIONS
    // The same, throwing Error.
    explicit VirtualModem(const Options &options) {
        nlftp_sim *sim = nullptr;
        detail::check(nlftp_sim_start(options.native_handle(), &sim));
        handle_.reset(sim);
    }
    VirtualModem() : VirtualModem(Options()) {}
    void send_urc(const std::string &line) { detail::check(nlftp_sim_send_urc(handle_.get(), line.c_str())); }
    void set_silent(bool silent) { detail::check(nlftp_sim_set_silent(handle_.get(), silent)); }
    void hang_up() { detail::check(nlftp_sim_hang_up(handle_.get())); }
#endif

    /// The C library's handle; null after a move.
    nlftp_sim *native_handle() const noexcept { return handle_.get(); }

private:
    std::string text(nlftp_sim_status (*getter)(const nlftp_sim *, const char **)) const {
        const char *value = nullptr;
        return getter(handle_.get(), &value) == NLFTP_SIM_OK ? value : std::string();
    }

    struct Stopper {
        void operator()(nlftp_sim *sim) const noexcept { nlftp_sim_stop(sim); }
    };
    std::unique_ptr<nlftp_sim, Stopper> handle_;
};

NLFTP_SIM_HPP_END

#endif
