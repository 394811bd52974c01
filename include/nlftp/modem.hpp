// A modem on a serial port. Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_MODEM
#define NLFTP_HPP_MODEM

#include "ftp.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

NLFTP_HPP_BEGIN

/// A modem on a serial port. Moved, not copied. Its destructor closes what is open, which may take up to 10 s, and
/// ends its operations; in a callback, which must not wait, that is put off until the callback has returned.
///
///     nlftp::Modem modem{nlftp::Config{"/dev/ttyUSB2"}};
///     modem.open();
///     modem.attach("CTNET");
///     nlftp::Ftp ftp = modem.ftp(nlftp::Login("ftp.example.com", "user", "secret"));
///     ftp.put_file("report.csv", "report.csv");
///
/// Each verb is there four times, as in Ftp. For any thread; calls of several threads queue, and a call that is still
/// queued at its deadline is Status::busy. In an event loop, watch fd() and call dispatch(). A program that does
/// neither need not: calls that wait run the callbacks.
///
/// After fork() only the parent may use it; in the child every call says Status::closed.
class Modem {
public:
    /// A modem that is not open yet. No I/O.
    Modem(const Config &config, std::error_code &error) noexcept {
        detail::guarded(error, [&] {
            nlftp_modem *modem = nullptr;
            detail::check(error, [&] { return nlftp_modem_new(config.native_handle(), &modem); });
            detail::Owned<nlftp_modem, nlftp_modem_free> owner(modem);
            if (!error) {
                core_ = std::make_shared<detail::Core>(modem);
                owner.release();
            }
        });
    }
    Modem(Modem &&other) noexcept = default;
    Modem &operator=(Modem &&other) noexcept {
        detail::Core::dispose(std::exchange(core_, std::exchange(other.core_, nullptr)));
        return *this;
    }
    ~Modem() { detail::Core::dispose(std::move(core_)); }

    /// Opens the port and brings the modem to command mode, whatever state it was left in; also after the port was
    /// lost. Blocks for milliseconds if the modem is ready, up to about 20 s if nothing answers.
    void open(std::error_code &error) noexcept { Operation::finish(begin(false, error, detail::calls::open), error); }
    Operation start_open(std::error_code &error) noexcept { return begin(true, error, detail::calls::open); }
    /// Closes the FTP connection and the port, for good: later calls say Status::closed. One that was cancelled, or out of
    /// time (Status::busy), before its turn came has closed nothing.
    void close(std::error_code &error) noexcept { Operation::finish(begin(false, error, detail::calls::close), error); }
    Operation start_close(std::error_code &error) noexcept { return begin(true, error, detail::calls::close); }
    /// Sends one AT command and gives the information lines of its answer.
    std::vector<std::string> command(std::string_view line, std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::command, line), error, &Operation::lines);
    }
    Operation start_command(std::string_view line, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::command, line);
    }
    /// Activates the PDP context, unless it is active, and gives the module's address.
    std::string attach(std::string_view apn, std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::attach, apn), error, &Operation::text);
    }
    Operation start_attach(std::string_view apn, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::attach, apn);
    }
    /// The same at an access point that asks for a login.
    std::string attach(std::string_view apn, std::string_view user, std::string_view password,
                       std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::attach_with_login, apn, user, password), error,
                                 &Operation::text);
    }
    Operation start_attach(std::string_view apn, std::string_view user, std::string_view password,
                           std::error_code &error) noexcept {
        return begin(true, error, detail::calls::attach_with_login, apn, user, password);
    }
    /// Gives the PDP context up.
    void detach(std::error_code &error) noexcept {
        Operation::finish(begin(false, error, detail::calls::detach), error);
    }
    Operation start_detach(std::error_code &error) noexcept { return begin(true, error, detail::calls::detach); }
    /// Who answers: identity, SIM, registration, signal, address.
    Info info(std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::info), error, &Operation::info);
    }
    Operation start_info(std::error_code &error) noexcept { return begin(true, error, detail::calls::info); }
    /// The pace of downloads by stream on the module's USB port (`AT+GTSET="FTPLIMIT"`).
    void set_ftp_limit(std::uint32_t period, std::error_code &error) noexcept {
        Operation::finish(start_set_ftp_limit(false, period, error), error);
    }
    Operation start_set_ftp_limit(std::uint32_t period, std::error_code &error) noexcept {
        return start_set_ftp_limit(true, period, error);
    }
    /// Opens the FTP connection (FTPOPEN) and gives it.
    Ftp ftp(const Login &login, std::error_code &error) noexcept {
        Operation::finish(start_ftp(false, login, error), error);
        return connection();
    }
    /// Starts that; once it has ended well, connection() gives the connection.
    Operation start_ftp(const Login &login, std::error_code &error) noexcept { return start_ftp(true, login, error); }
    /// The FTP connection, open or not. No I/O.
    Ftp connection() noexcept { return Ftp(core_); }

    /// The port's path. This and what follows never blocks.
    std::string path(std::error_code &error) const noexcept {
        return detail::guarded(error, [&] {
            const char *path = "";
            call(error, [&](nlftp_modem *modem) { return nlftp_modem_path(modem, &path); });
            return std::string(error ? "" : path);
        });
    }
    /// What it is doing.
    State state(std::error_code &error) const noexcept {
        nlftp_state state = NLFTP_STATE_CLOSED;
        call(error, [&](nlftp_modem *modem) { return nlftp_modem_state(modem, &state); });
        return static_cast<State>(state);
    }
    /// What the caller should know about this modem and port, such as flow control that it has not.
    std::vector<std::string> warnings(std::error_code &error) const noexcept {
        return detail::guarded(error, [&] {
            nlftp_lines *lines = nullptr;
            call(error, [&](nlftp_modem *modem) { return nlftp_modem_warnings(modem, &lines); });
            const detail::Owned<nlftp_lines, nlftp_lines_free> owner(lines);
            return error ? std::vector<std::string>() : detail::lines_of(lines, error);
        });
    }

    /// A descriptor for poll, epoll or libuv, readable when dispatch() has work. It stays the same from before the port
    /// is open until the Modem goes. Never read, write or close it.
    int fd(std::error_code &error) const noexcept {
        int fd = -1;
        call(error, [&](nlftp_modem *modem) { return nlftp_modem_fd(modem, &fd); });
        return fd;
    }
    /// Does what is to be done: runs callbacks, and those of Operation::then. Gives the id of an operation that has
    /// ended, each one once, or std::nullopt: call it until then. It owns nothing of the operation: the Operation that
    /// a start_ function gave does. Never blocks, but for what callbacks do.
    ///
    /// What a callback of the modem (URC, FTPINFO, state) or a completion throws leaves here. What a source, sink or
    /// progress callback throws stays with its Operation. In a callback it does nothing. Once the modem is closed and
    /// all has been given: Status::closed.
    std::optional<OperationId> dispatch(std::error_code &error) noexcept {
        return detail::guarded(error, [&]() -> std::optional<OperationId> {
            return detail::in_callback() ? std::nullopt : dispatch_one(core_, error);
        });
    }
    /// Cancels whichever operation runs. For any thread, and for signal handlers.
    void cancel() noexcept {
        if (nlftp_modem *const modem = core_ ? core_->modem() : nullptr) {
            nlftp_modem_cancel(modem);
        }
    }

    /// `callback(std::string_view line)` for each line that nobody asked for; nullptr removes it. It replaces the
    /// former one, and may do so in itself. Runs in calls that wait, and in dispatch.
    void on_urc(Callback<void(std::string_view)> callback, std::error_code &error) noexcept {
        set_callback(&detail::Core::urc, nlftp_modem_on_urc, nlftp_urc_callback(detail::Core::on_urc),
                     std::move(callback), error);
    }
    /// `callback(nlftp::State state)` when the state has changed; nullptr removes it.
    void on_state(Callback<void(State)> callback, std::error_code &error) noexcept {
        set_callback(&detail::Core::state, nlftp_modem_on_state, nlftp_state_callback(detail::Core::on_state),
                     std::move(callback), error);
    }

#if NLFTP_HPP_EXCEPTIONS
    // The same, throwing Error, or what a callback threw.
    explicit Modem(const Config &config) {
        detail::or_throw([&](auto &error) { *this = Modem(config, error); });
    }
    void open() {
        detail::or_throw([&](auto &error) { open(error); });
    }
    Operation start_open() {
        return detail::or_throw([&](auto &error) { return start_open(error); });
    }
    void close() {
        detail::or_throw([&](auto &error) { close(error); });
    }
    Operation start_close() {
        return detail::or_throw([&](auto &error) { return start_close(error); });
    }
    std::vector<std::string> command(std::string_view line) {
        return detail::or_throw([&](auto &error) { return command(line, error); });
    }
    Operation start_command(std::string_view line) {
        return detail::or_throw([&](auto &error) { return start_command(line, error); });
    }
    std::string attach(std::string_view apn) {
        return detail::or_throw([&](auto &error) { return attach(apn, error); });
    }
    Operation start_attach(std::string_view apn) {
        return detail::or_throw([&](auto &error) { return start_attach(apn, error); });
    }
    std::string attach(std::string_view apn, std::string_view user, std::string_view password) {
        return detail::or_throw([&](auto &error) { return attach(apn, user, password, error); });
    }
    Operation start_attach(std::string_view apn, std::string_view user, std::string_view password) {
        return detail::or_throw([&](auto &error) { return start_attach(apn, user, password, error); });
    }
    void detach() {
        detail::or_throw([&](auto &error) { detach(error); });
    }
    Operation start_detach() {
        return detail::or_throw([&](auto &error) { return start_detach(error); });
    }
    Info info() {
        return detail::or_throw([&](auto &error) { return info(error); });
    }
    Operation start_info() {
        return detail::or_throw([&](auto &error) { return start_info(error); });
    }
    void set_ftp_limit(std::uint32_t period) {
        detail::or_throw([&](auto &error) { set_ftp_limit(period, error); });
    }
    Operation start_set_ftp_limit(std::uint32_t period) {
        return detail::or_throw([&](auto &error) { return start_set_ftp_limit(period, error); });
    }
    Ftp ftp(const Login &login) {
        return detail::or_throw([&](auto &error) { return ftp(login, error); });
    }
    Operation start_ftp(const Login &login) {
        return detail::or_throw([&](auto &error) { return start_ftp(login, error); });
    }
    std::string path() const {
        return detail::or_throw([&](auto &error) { return path(error); });
    }
    State state() const {
        return detail::or_throw([&](auto &error) { return state(error); });
    }
    std::vector<std::string> warnings() const {
        return detail::or_throw([&](auto &error) { return warnings(error); });
    }
    int fd() const {
        return detail::or_throw([&](auto &error) { return fd(error); });
    }
    std::optional<OperationId> dispatch() {
        return detail::or_throw([&](auto &error) { return dispatch(error); });
    }
    void on_urc(Callback<void(std::string_view)> callback) {
        detail::or_throw([&](auto &error) { on_urc(std::move(callback), error); });
    }
    void on_state(Callback<void(State)> callback) {
        detail::or_throw([&](auto &error) { on_state(std::move(callback), error); });
    }
#endif

    /// The C library's handle, for what this header has no name for; null after a move.
    nlftp_modem *native_handle() const noexcept { return core_ ? core_->modem() : nullptr; }

private:
    template <class Call, class... Views>
    Operation begin(bool listed, std::error_code &error, Call &&call, Views... texts) noexcept {
        return Operation::begin(core_, listed, error, call, texts...);
    }
    Operation start_set_ftp_limit(bool listed, std::uint32_t period, std::error_code &error) noexcept {
        return begin(listed, error, [&](auto &, nlftp_modem *modem, nlftp_op **op) {
            return nlftp_modem_set_ftp_limit(modem, period, op);
        });
    }
    Operation start_ftp(bool listed, const Login &login, std::error_code &error) noexcept {
        return begin(listed, error, [&](auto &, nlftp_modem *modem, nlftp_op **op) {
            return nlftp_ftp_open(modem, login.native_handle(), op);
        });
    }

    template <class Call>
    void call(std::error_code &error, Call &&call) const noexcept {
        error.clear();
        nlftp_modem *const modem = detail::open_modem(core_, error);
        detail::check(error, [&] { return call(modem); });
    }

    // The C library calls the same function of the Core for every callback: only what that finds there changes.
    template <class Function, class Native>
    void set_callback(Function detail::Core::*place, nlftp_status (*set)(nlftp_modem *, Native, void *), Native native,
                      Function callback, std::error_code &error) noexcept {
        const bool remove = !callback;
        Function former;
        call(error, [&](nlftp_modem *modem) {
            former = core_->replace(place, std::move(callback));
            return set(modem, remove ? nullptr : native, core_.get());
        });
    }

    // Takes an operation out of the list. No id: it is not to be handed out, as a call of another thread waits for it
    // or its Operation is gone.
    static detail::Listed take(detail::Core &core, nlftp_op *done) {
        std::unique_lock<std::mutex> lock(core.mutex);
        const auto known = [&] { return core.listed.find(done) != core.listed.end(); };
        core.started.wait(lock, [&] { return core.starting == 0 || known(); });
        detail::Listed taken{OperationId{}, nullptr, nullptr};
        // One that still runs has the place in memory of one that is gone.
        if (known() && nlftp_op_status(done) != NLFTP_PENDING) {
            const auto found = core.listed.find(done);
            taken = std::move(found->second);
            core.listed.erase(found);
        }
        return taken;
    }

    static std::optional<OperationId> dispatch_one(const std::shared_ptr<detail::Core> core, std::error_code &error) {
        bool completed = false;
        while (!detail::callback_threw(error)) {
            nlftp_modem *const modem = detail::open_modem(core, error);
            nlftp_op *done = nullptr;
            detail::check(error, [&] {
                const detail::CallScope scope;
                return nlftp_modem_dispatch(modem, &done);
            });
            if (completed && error == Status::closed) {
                error.clear(); // the completion was the one of closing, or ended the Modem
            }
            if (error || done == nullptr) {
                detail::callback_threw(error);
                break;
            }
            detail::Listed finished = take(*core, done);
            if (finished.owner != nullptr) {
                Operation operation;
                operation.running_ = std::move(finished.owner);
                finished.completion(operation);
                completed = true;
            } else if (finished.id != OperationId{}) {
                // What a modem's callback threw meanwhile waits for the next dispatch: this one has something to give.
                return finished.id;
            }
        }
        return std::nullopt;
    }

    std::shared_ptr<detail::Core> core_;
};

NLFTP_HPP_END

#endif
