// What is set before anything starts: Config, Login and the options of a transfer.
// Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_OPTIONS
#define NLFTP_HPP_OPTIONS

#include "callback.hpp"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

NLFTP_HPP_BEGIN

/// How the serial line holds a sender back (V.250 `AT+IFC`).
enum class FlowControl : int {
    none = NLFTP_FLOW_NONE,        ///< nothing does
    rts_cts = NLFTP_FLOW_RTS_CTS,  ///< the RTS and CTS lines
    xon_xoff = NLFTP_FLOW_XON_XOFF ///< characters, which binary files hold, too
};

/// Where FTPOPEN has its field for TLS.
enum class TlsField : int { eighth = NLFTP_TLS_FIELD_EIGHTH, seventh = NLFTP_TLS_FIELD_SEVENTH };

/// Where FTPOPEN has its field for the server's port.
enum class PortField : int { sixth = NLFTP_PORT_FIELD_SIXTH, fifth = NLFTP_PORT_FIELD_FIFTH };

/// Which of the module's ways a transfer takes.
enum class Via : int {
    automatic = NLFTP_VIA_AUTO, ///< block for downloads that nothing could hold back, otherwise stream
    stream = NLFTP_VIA_STREAM,  ///< FTPSTOR and FTPRETR: all in one run
    block = NLFTP_VIA_BLOCK     ///< FTPPUT, and FTPGET with FTPRECV: counted pieces
};

/// The representation type (RFC 959, 3.1.1).
enum class FileType : int {
    binary = NLFTP_TYPE_BINARY, ///< TYPE I: every byte as it is
    ascii = NLFTP_TYPE_ASCII    ///< TYPE A: line ends may change, and no size can be checked
};

/// How a transfer is checked once its bytes have moved.
enum class Verify : int {
    size = NLFTP_VERIFY_SIZE,         ///< by the size in the server's listing; a flipped byte goes unseen
    readback = NLFTP_VERIFY_READBACK, ///< by a second download and its SHA-256
    none = NLFTP_VERIFY_NONE          ///< not at all
};

namespace detail {

/// Text for the C library, which wants a NUL at its end. Wiped when it goes, as some of it is passwords.
class Text {
public:
    explicit Text(std::string_view text, std::error_code &error) : text_(text), given_(text.data() != nullptr) {
        if (text.find('\0') != std::string_view::npos) {
            fail(error, Status::invalid_argument, "a name or text holds a NUL octet: leave it out");
        }
    }
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;
    ~Text() {
        volatile char *octets = text_.data();
        for (std::size_t index = 0; index < text_.size(); ++index) {
            octets[index] = 0;
        }
    }
    const char *c_str() const noexcept { return text_.c_str(); }
    /// Null for a std::string_view that was not given.
    const char *optional() const noexcept { return given_ ? text_.c_str() : nullptr; }

private:
    std::string text_;
    bool given_;
};

inline std::int64_t milliseconds(std::chrono::milliseconds time) noexcept {
    return static_cast<std::int64_t>(time.count());
}

/// The library's own negative number says "none", so a negative time of the caller's is told apart.
inline std::int64_t milliseconds_or_none(std::optional<std::chrono::milliseconds> time,
                                         std::error_code &error) noexcept {
    if (!time) {
        return -1;
    }
    if (time->count() < 0) {
        fail(error, Status::invalid_argument, "a deadline cannot be negative: std::nullopt stands for none");
    }
    return milliseconds(*time);
}

template <class Handle, nlftp_status (*Free)(Handle *)>
struct Freer {
    void operator()(Handle *handle) const noexcept { Free(handle); }
};

template <class Handle, nlftp_status (*Free)(Handle *)>
using Owned = std::unique_ptr<Handle, Freer<Handle, Free>>;

} // namespace detail

/// How to open a port and how long to wait for a modem. Moved, not copied; a Modem takes what it holds, and it may go
/// or change afterwards. Nothing of it blocks. Not for several threads at once.
///
///     nlftp::Config config("/dev/ttyUSB2");
///     config.set_baud_rate(921600).set_flow_control(nlftp::FlowControl::rts_cts);
///
/// A value that is refused is Status::invalid_argument, and the old one stays.
class Config {
public:
    /// For this port, with the defaults: 115,200 bit/s, no flow control, time limits as below.
    explicit Config(const std::filesystem::path &port, std::error_code &error) noexcept {
        detail::guarded(error, [&] {
            const detail::Text path(port.native(), error);
            detail::check(error, [&] {
                nlftp_config *config = nullptr;
                const nlftp_status status = nlftp_config_new(path.c_str(), &config);
                handle_.reset(config);
                return status;
            });
        });
    }

    /// Bits per second. Without meaning on USB ports and pseudo-terminals.
    Config &set_baud_rate(std::uint32_t baud_rate, std::error_code &error) noexcept {
        return set(error, [&](nlftp_config *c) { return nlftp_config_set_baud_rate(c, baud_rate); });
    }
    /// What holds a sender back.
    Config &set_flow_control(FlowControl flow_control, std::error_code &error) noexcept {
        const auto value = static_cast<nlftp_flow_control>(flow_control);
        return set(error, [&](nlftp_config *c) { return nlftp_config_set_flow_control(c, value); });
    }
    /// How long a final result (`OK`, `ERROR`) may take: 10 s unless set.
    Config &set_timeout(std::chrono::milliseconds time, std::error_code &error) noexcept {
        return set(error, [&](nlftp_config *c) { return nlftp_config_set_timeout(c, detail::milliseconds(time)); });
    }
    /// How long an outcome (`+FTPCWD: 1`) and FTPPUT's prompt may take: 150 s unless set.
    Config &set_outcome_timeout(std::chrono::milliseconds time, std::error_code &error) noexcept {
        return set(error, [&](nlftp_config *c) {
            return nlftp_config_set_outcome_timeout(c, detail::milliseconds(time));
        });
    }
    /// How long a transfer may go without a byte: 60 s unless set.
    Config &set_stall_timeout(std::chrono::milliseconds time, std::error_code &error) noexcept {
        return set(error, [&](nlftp_config *c) {
            return nlftp_config_set_stall_timeout(c, detail::milliseconds(time));
        });
    }
    /// How long a call waits for a port that was lost, or is yet to be plugged in: not at all (0) unless set. A device
    /// that comes back under another name is known by its USB serial number and interface, or by its place.
    Config &set_port_timeout(std::chrono::milliseconds time, std::error_code &error) noexcept {
        return set(error, [&](nlftp_config *c) {
            return nlftp_config_set_port_timeout(c, detail::milliseconds(time));
        });
    }
    /// How long a whole call may take, with everything in it; std::nullopt, as at the start: no limit.
    Config &set_deadline(std::optional<std::chrono::milliseconds> time, std::error_code &error) noexcept {
        error.clear();
        const std::int64_t limit = detail::milliseconds_or_none(time, error);
        return error ? *this : set(error, [&](nlftp_config *c) { return nlftp_config_set_deadline(c, limit); });
    }
    /// A file that gets a record of the port's traffic, passwords masked; an empty path for none.
    Config &set_trace(const std::filesystem::path &file, std::error_code &error) noexcept {
        detail::guarded(error, [&] {
            const detail::Text path(file.native(), error);
            const char *const name = file.empty() ? nullptr : path.c_str();
            detail::check(error, [&] { return nlftp_config_set_trace(handle_.get(), name); });
        });
        return *this;
    }
    /// Where FTPOPEN has its field for TLS: the eighth unless set.
    Config &set_tls_field(TlsField field, std::error_code &error) noexcept {
        const auto value = static_cast<nlftp_tls_field>(field);
        return set(error, [&](nlftp_config *c) { return nlftp_config_set_tls_field(c, value); });
    }
    /// Where FTPOPEN has its field for the server's port: the sixth unless set.
    Config &set_port_field(PortField field, std::error_code &error) noexcept {
        const auto value = static_cast<nlftp_port_field>(field);
        return set(error, [&](nlftp_config *c) { return nlftp_config_set_port_field(c, value); });
    }

#if NLFTP_HPP_EXCEPTIONS
    // The same, throwing Error.
    explicit Config(const std::filesystem::path &port) {
        detail::or_throw([&](auto &error) { *this = Config(port, error); });
    }
    Config &set_baud_rate(std::uint32_t baud_rate) {
        detail::or_throw([&](auto &error) { set_baud_rate(baud_rate, error); });
        return *this;
    }
    Config &set_flow_control(FlowControl flow_control) {
        detail::or_throw([&](auto &error) { set_flow_control(flow_control, error); });
        return *this;
    }
    Config &set_timeout(std::chrono::milliseconds time) {
        detail::or_throw([&](auto &error) { set_timeout(time, error); });
        return *this;
    }
    Config &set_outcome_timeout(std::chrono::milliseconds time) {
        detail::or_throw([&](auto &error) { set_outcome_timeout(time, error); });
        return *this;
    }
    Config &set_stall_timeout(std::chrono::milliseconds time) {
        detail::or_throw([&](auto &error) { set_stall_timeout(time, error); });
        return *this;
    }
    Config &set_port_timeout(std::chrono::milliseconds time) {
        detail::or_throw([&](auto &error) { set_port_timeout(time, error); });
        return *this;
    }
    Config &set_deadline(std::optional<std::chrono::milliseconds> time) {
        detail::or_throw([&](auto &error) { set_deadline(time, error); });
        return *this;
    }
    Config &set_trace(const std::filesystem::path &file) {
        detail::or_throw([&](auto &error) { set_trace(file, error); });
        return *this;
    }
    Config &set_tls_field(TlsField field) {
        detail::or_throw([&](auto &error) { set_tls_field(field, error); });
        return *this;
    }
    Config &set_port_field(PortField field) {
        detail::or_throw([&](auto &error) { set_port_field(field, error); });
        return *this;
    }
#endif

    /// The C library's handle; null after a move.
    nlftp_config *native_handle() const noexcept { return handle_.get(); }

private:
    template <class Call>
    Config &set(std::error_code &error, Call &&call) noexcept {
        error.clear();
        detail::check(error, [&] { return call(handle_.get()); });
        return *this;
    }

    detail::Owned<nlftp_config, nlftp_config_free> handle_;
};

/// Whom to log in as, and where. Moved, not copied: the password is wiped when it goes. Nothing of it blocks. Not for
/// several threads at once. A value that is refused is Status::invalid_argument, and the old one stays.
class Login {
public:
    /// In passive mode, without TLS, at the default port. At most 1,024 octets of host, 255 of each other.
    Login(std::string_view host, std::string_view user, std::string_view password, std::error_code &error) noexcept {
        detail::guarded(error, [&] {
            const detail::Text host_text(host, error);
            const detail::Text user_text(user, error);
            const detail::Text password_text(password, error);
            detail::check(error, [&] {
                nlftp_login *login = nullptr;
                const nlftp_status status =
                    nlftp_login_new(host_text.c_str(), user_text.c_str(), password_text.c_str(), &login);
                handle_.reset(login);
                return status;
            });
        });
    }

    /// For servers that want an account (RFC 959 ACCT).
    Login &set_account(std::string_view account, std::error_code &error) noexcept {
        detail::guarded(error, [&] {
            const detail::Text text(account, error);
            detail::check(error, [&] { return nlftp_login_set_account(handle_.get(), text.c_str()); });
        });
        return *this;
    }
    /// The server's control port; 0 for the default, 21, or 990 with TLS.
    Login &set_port(std::uint16_t port, std::error_code &error) noexcept {
        return set(error, [&](nlftp_login *l) { return nlftp_login_set_port(l, port); });
    }
    /// FTPS. Never falls back to clear text.
    Login &set_tls(bool tls, std::error_code &error) noexcept {
        return set(error, [&](nlftp_login *l) { return nlftp_login_set_tls(l, tls); });
    }
    /// Passive data connections (as at the start) or active ones.
    Login &set_passive(bool passive, std::error_code &error) noexcept {
        return set(error, [&](nlftp_login *l) { return nlftp_login_set_passive(l, passive); });
    }
    /// The module's own port for the control connection; 0 lets it choose.
    Login &set_source_control_port(std::uint16_t port, std::error_code &error) noexcept {
        return set(error, [&](nlftp_login *l) { return nlftp_login_set_source_control_port(l, port); });
    }
    /// The module's own port for data connections; 0 lets it choose.
    Login &set_source_data_port(std::uint16_t port, std::error_code &error) noexcept {
        return set(error, [&](nlftp_login *l) { return nlftp_login_set_source_data_port(l, port); });
    }

#if NLFTP_HPP_EXCEPTIONS
    // The same, throwing Error.
    Login(std::string_view host, std::string_view user, std::string_view password) {
        detail::or_throw([&](auto &error) { *this = Login(host, user, password, error); });
    }
    Login &set_account(std::string_view account) {
        detail::or_throw([&](auto &error) { set_account(account, error); });
        return *this;
    }
    Login &set_port(std::uint16_t port) {
        detail::or_throw([&](auto &error) { set_port(port, error); });
        return *this;
    }
    Login &set_tls(bool tls) {
        detail::or_throw([&](auto &error) { set_tls(tls, error); });
        return *this;
    }
    Login &set_passive(bool passive) {
        detail::or_throw([&](auto &error) { set_passive(passive, error); });
        return *this;
    }
    Login &set_source_control_port(std::uint16_t port) {
        detail::or_throw([&](auto &error) { set_source_control_port(port, error); });
        return *this;
    }
    Login &set_source_data_port(std::uint16_t port) {
        detail::or_throw([&](auto &error) { set_source_data_port(port, error); });
        return *this;
    }
#endif

    /// The C library's handle; null after a move.
    nlftp_login *native_handle() const noexcept { return handle_.get(); }

private:
    template <class Call>
    Login &set(std::error_code &error, Call &&call) noexcept {
        error.clear();
        detail::check(error, [&] { return call(handle_.get()); });
        return *this;
    }

    detail::Owned<nlftp_login, nlftp_login_free> handle_;
};

/// How far a transfer has come.
struct Progress {
    std::uint64_t done;                 ///< bytes of the file moved so far
    std::optional<std::uint64_t> total; ///< bytes to move in all, where known
    double rate;                        ///< bytes per second since the transfer was started
};

/// Options of an upload or download. A plain value: setting one never fails, and what the library refuses is told by
/// the call that gets them. Copies share the progress callback.
class TransferOptions {
public:
    /// Which of the module's ways to take.
    TransferOptions &set_via(Via via) noexcept {
        via_ = via;
        return *this;
    }
    /// Binary (as at the start) or ASCII.
    TransferOptions &set_type(FileType type) noexcept {
        type_ = type;
        return *this;
    }
    /// For a download the first byte of the remote file to fetch; for an upload the position in the remote file that
    /// the source's first byte goes to.
    TransferOptions &set_offset(std::uint64_t offset) noexcept {
        offset_ = offset;
        return *this;
    }
    /// Whether to go on where an earlier transfer was broken off. An upload's source must be able to seek.
    TransferOptions &set_resume(bool resume) noexcept {
        resume_ = resume;
        return *this;
    }
    /// Try a transfer that fails for a reason that may pass again, in the same call, from where it ended: up to `tries`
    /// times in a row that bring the file no further, after `delay`, twice as long before each next one in a row, and
    /// not later than `max_time` after the call began. Sources and sinks are those of set_resume.
    TransferOptions &set_retry(std::uint32_t tries, std::chrono::milliseconds delay = std::chrono::seconds(1),
                               std::optional<std::chrono::milliseconds> max_time = std::nullopt) noexcept {
        retry_tries_ = tries;
        retry_delay_ = delay;
        retry_max_time_ = max_time;
        return *this;
    }
    /// Whether an upload goes to `name.nlftp-part`, and gets its name when it is complete and checked.
    TransferOptions &set_temporary(bool temporary) noexcept {
        temporary_ = temporary;
        return *this;
    }
    /// How to check the transfer: by size unless set.
    TransferOptions &set_verify(Verify verify) noexcept {
        verify_ = verify;
        return *this;
    }
    /// A time limit for this call in place of the Config's; std::nullopt: the Config's.
    TransferOptions &set_deadline(std::optional<std::chrono::milliseconds> time) noexcept {
        deadline_ = time;
        return *this;
    }
    /// Called as bytes move, and a last time with done = size, on the thread that waits or dispatches. If it throws,
    /// the transfer is cancelled.
    TransferOptions &set_progress(Callback<void(const Progress &)> callback) noexcept {
        progress_ = std::move(callback);
        return *this;
    }

    /// The progress callback.
    const Callback<void(const Progress &)> &progress() const noexcept { return progress_; }

    /// The C library's options of these; the progress callback, if there is one, becomes `on_progress`.
    /// For use with the C API; the caller frees them.
    nlftp_transfer_options *make_native(nlftp_progress_callback on_progress, void *user_data,
                                        std::error_code &error) const noexcept {
        error.clear();
        const std::int64_t limit = detail::milliseconds_or_none(deadline_, error);
        nlftp_transfer_options *made = nullptr;
        detail::check(error, [&] { return nlftp_transfer_options_new(&made); });
        detail::Owned<nlftp_transfer_options, nlftp_transfer_options_free> options(made);
        const auto set = [&](auto setter, auto value) { detail::check(error, [&] { return setter(made, value); }); };
        set(nlftp_transfer_options_set_via, static_cast<nlftp_via>(via_));
        set(nlftp_transfer_options_set_type, static_cast<nlftp_file_type>(type_));
        set(nlftp_transfer_options_set_offset, offset_);
        set(nlftp_transfer_options_set_resume, resume_);
        set(nlftp_transfer_options_set_temporary, temporary_);
        const std::int64_t max_time = detail::milliseconds_or_none(retry_max_time_, error);
        detail::check(error, [&] {
            return nlftp_transfer_options_set_retry(made, retry_tries_, detail::milliseconds(retry_delay_), max_time);
        });
        set(nlftp_transfer_options_set_verify, static_cast<nlftp_verify>(verify_));
        if (deadline_) {
            set(nlftp_transfer_options_set_deadline, limit);
        }
        if (progress_) {
            detail::check(error, [&] { return nlftp_transfer_options_set_progress(made, on_progress, user_data); });
        }
        return error ? nullptr : options.release();
    }

private:
    Via via_ = Via::automatic;
    FileType type_ = FileType::binary;
    std::uint64_t offset_ = 0;
    bool resume_ = false;
    bool temporary_ = false;
    std::uint32_t retry_tries_ = 0;
    std::chrono::milliseconds retry_delay_ = std::chrono::seconds(1);
    std::optional<std::chrono::milliseconds> retry_max_time_;
    Verify verify_ = Verify::size;
    std::optional<std::chrono::milliseconds> deadline_;
    Callback<void(const Progress &)> progress_;
};

/// Options of an upload.
using PutOptions = TransferOptions;
/// Options of a download.
using GetOptions = TransferOptions;

NLFTP_HPP_END

#endif
