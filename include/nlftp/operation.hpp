// A started call: followed, waited for, cancelled, collected. Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_OPERATION
#define NLFTP_HPP_OPERATION

#include "handle.hpp"
#include "results.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

NLFTP_HPP_BEGIN

/// A started call. It owns its callbacks and what they captured. Moved, not copied; its destructor cancels what still
/// runs, and from then on none of its callbacks runs and no buffer is touched. For that it waits for a callback of it
/// that runs in another thread. Destroyed in a callback it cannot wait: then a callback of it that runs in another
/// thread goes on to its end, and buffers may be touched until the call has returned that the destructor ran in.
///
/// Its callbacks (source, sink, progress) run inside wait(), or inside Modem::dispatch, of the thread that called it.
/// What one throws ends the operation, stays with it, and is rethrown by wait() and by each result; the noexcept
/// overloads say Status::callback_failed, and callback_exception() has it.
///
/// One thread at a time, but for cancel() and resume(), which any thread may call.
class Operation {
public:
    /// None.
    Operation() noexcept = default;
    Operation(Operation &&other) noexcept = default;
    Operation &operator=(Operation &&other) noexcept {
        detail::Running::dispose(std::exchange(running_, std::exchange(other.running_, nullptr)));
        return *this;
    }
    /// Cancels what still runs. Blocks only for a callback of it that runs in another thread, and not in a callback.
    ~Operation() { detail::Running::dispose(std::move(running_)); }

    /// Whether there is one: not after a move, nor after then().
    explicit operator bool() const noexcept { return running_ != nullptr; }
    /// What Modem::dispatch calls it.
    OperationId id() const noexcept { return running_ ? running_->id : OperationId{}; }

    /// Status::pending while it runs, then Status::ok or why it failed. Never blocks.
    Status status() const noexcept {
        std::error_code error;
        if (running_ == nullptr) {
            return Status::invalid_argument;
        }
        const nlftp_status status = nlftp_op_status(running_->op);
        if (status != NLFTP_PENDING && failed_in_callback(error)) {
            return Status::callback_failed;
        }
        return static_cast<Status>(status);
    }
    /// Whether it has ended, in whichever way. Never blocks.
    bool done() const noexcept { return running_ != nullptr && nlftp_op_status(running_->op) != NLFTP_PENDING; }

    /// Blocks until it has ended; `error` says how.
    void wait(std::error_code &error) noexcept { wait_milliseconds(-1, error); }
    /// Blocks for at most this time. True: it has ended, and `error` says how. False: it still runs, or `error` says
    /// that it cannot be waited for.
    bool wait(std::chrono::milliseconds limit, std::error_code &error) noexcept {
        const std::int64_t time = detail::milliseconds(limit);
        return wait_milliseconds(time < 0 ? 0 : time, error);
    }

    /// Ends it with Status::cancelled, unless it has ended already. Never blocks: recovery of the modem goes on behind
    /// it. For any thread, and for signal handlers.
    void cancel() noexcept {
        if (running_ != nullptr) {
            nlftp_op_cancel(running_->op);
        }
    }
    /// A source or sink that answered Amount::again() is ready. Never blocks; for any thread.
    void resume() noexcept {
        if (running_ != nullptr) {
            nlftp_op_resume(running_->op);
        }
    }

    /// A pointer of yours, kept with it.
    void set_user_data(void *user_data) noexcept {
        if (running_ != nullptr) {
            nlftp_op_set_user_data(running_->op, user_data);
        }
    }
    /// The pointer that was set, or null.
    void *user_data() const noexcept {
        void *user_data = nullptr;
        if (running_ != nullptr) {
            nlftp_op_user_data(running_->op, &user_data);
        }
        return user_data;
    }

    /// Gives the operation away, for event loops: once it has ended, Modem::dispatch calls `completion` with it, and
    /// then it is gone. If it has ended already, `completion` is called at once. If the Modem goes first, the
    /// operation is cancelled and `completion` is never called. It may wait and start operations as it likes, as it
    /// is no callback of the C library; what it throws leaves dispatch.
    ///
    ///     ftp.start_put(nlftp::Source::file("a"), "a").then([](nlftp::Operation &op) { report(op.transfer()); });
    void then(Callback<void(Operation &)> completion, std::error_code &error) && noexcept {
        detail::guarded(error, [&] { std::move(*this).give(std::move(completion), error); });
    }

    /// What a transfer did. This and what follows: Status::pending while it runs, its own error if it failed,
    /// Status::invalid_argument for an operation of another kind. Never blocks.
    Transfer transfer(std::error_code &error) const noexcept {
        return collect(nlftp_op_transfer, detail::transfer_of, error);
    }
    /// The lines of Modem::command or Ftp::stat.
    std::vector<std::string> lines(std::error_code &error) const noexcept {
        return collect(nlftp_op_lines, detail::lines_of, error);
    }
    /// The text of Modem::attach (the address), Ftp::pwd or Ftp::syst.
    std::string text(std::error_code &error) const noexcept {
        return collect(nlftp_op_text, text_of, error);
    }
    /// The listing of Ftp::list.
    Listing listing(std::error_code &error) const noexcept {
        return collect(nlftp_op_listing, Listing::of, error);
    }
    /// What Modem::info found out.
    Info info(std::error_code &error) const noexcept {
        return collect(nlftp_op_info, detail::info_of, error);
    }
    /// What Ftp::is_connected found out.
    bool connected(std::error_code &error) const noexcept {
        return collect(nlftp_op_connected, connected_of, error);
    }

#if NLFTP_HPP_EXCEPTIONS
    // The same, throwing Error, or what a callback threw.
    void wait() {
        detail::or_throw([&](auto &error) { wait(error); });
    }
    bool wait(std::chrono::milliseconds limit) {
        return detail::or_throw([&](auto &error) { return wait(limit, error); });
    }
    void then(Callback<void(Operation &)> completion) && {
        detail::or_throw([&](auto &error) { std::move(*this).then(std::move(completion), error); });
    }
    Transfer transfer() const {
        return detail::or_throw([&](auto &error) { return transfer(error); });
    }
    std::vector<std::string> lines() const {
        return detail::or_throw([&](auto &error) { return lines(error); });
    }
    std::string text() const {
        return detail::or_throw([&](auto &error) { return text(error); });
    }
    Listing listing() const {
        return detail::or_throw([&](auto &error) { return listing(error); });
    }
    Info info() const {
        return detail::or_throw([&](auto &error) { return info(error); });
    }
    bool connected() const {
        return detail::or_throw([&](auto &error) { return connected(error); });
    }
#endif

    /// The C library's handle, for what this header has no name for; null if there is none.
    nlftp_op *native_handle() const noexcept { return running_ ? running_->op : nullptr; }

private:
    friend class Modem;
    friend class Ftp;

    /// Starts a call: `call(running, modem, texts..., op)` is the one of the C library, with each text NUL-terminated.
    /// A listed operation is one that the user gets; any other is waited for at once.
    template <class Call, class... Views>
    static Operation begin(const std::shared_ptr<detail::Core> &core, bool listed, std::error_code &error, Call &&call,
                           Views... texts) noexcept {
        return detail::guarded(error,
                               [&] { return started(core, listed, error, call, detail::Text(texts, error)...); });
    }

    template <class Call, class... Texts>
    static Operation started(const std::shared_ptr<detail::Core> &core, bool listed, std::error_code &error, Call &call,
                             const Texts &...texts) {
        Operation operation;
        if (detail::open_modem(core, error) == nullptr) {
            return operation;
        }
        if (!listed && detail::in_callback()) {
            detail::fail(error, Status::would_deadlock,
                         "waiting inside a callback would wait for itself: start an operation instead");
            return operation;
        }
        const auto running = std::make_shared<detail::Running>(core);
        detail::Running::begin(running, listed, error, [&](nlftp_modem *modem, nlftp_op **op) {
            return call(*running, modem, texts..., op);
        });
        if (!error) {
            operation.running_ = running;
        }
        return operation;
    }

    /// The rest of a blocking call.
    static void finish(Operation operation, std::error_code &error) noexcept {
        if (!error) {
            operation.wait(error);
        }
    }
    template <class Value>
    static Value finish(Operation operation, std::error_code &error,
                        Value (Operation::*result)(std::error_code &) const noexcept) noexcept {
        if (!error) {
            operation.wait(error);
        }
        return error ? Value() : (operation.*result)(error);
    }

    bool failed_in_callback(std::error_code &error) const noexcept {
        std::exception_ptr thrown = running_->thrown();
        if (thrown == nullptr) {
            return false;
        }
        detail::fail(error, std::move(thrown));
        return true;
    }

    static void fail_empty(std::error_code &error) noexcept {
        detail::fail(error, Status::invalid_argument, "there is no operation: it was moved from or given to then()");
    }

    bool wait_milliseconds(std::int64_t limit, std::error_code &error) noexcept {
        error.clear();
        const std::shared_ptr<detail::Running> running = running_; // a callback may end this very object
        if (running == nullptr) {
            fail_empty(error);
            return false;
        }
        nlftp_status status = NLFTP_OK;
        bool modem_callback_threw = false;
        {
            const detail::CallScope scope;
            status = nlftp_op_wait(running->op, limit);
            modem_callback_threw = detail::callback_threw(error);
        }
        if (status == NLFTP_PENDING) {
            return false;
        }
        if (modem_callback_threw) {
            return status != NLFTP_WOULD_DEADLOCK;
        }
        if (std::exception_ptr thrown = running->thrown()) {
            detail::fail(error, std::move(thrown));
        } else if (status != NLFTP_OK) {
            detail::fail(error, status);
        }
        return status != NLFTP_WOULD_DEADLOCK;
    }

    static std::string text_of(const char *text, std::error_code &) { return text; }
    static bool connected_of(bool connected, std::error_code &) { return connected; }

    template <class Value, class Raw>
    Value collect(nlftp_status (*getter)(nlftp_op *, Raw *), Value (*convert)(Raw, std::error_code &),
                  std::error_code &error) const noexcept {
        return detail::guarded(error, [&]() -> Value {
            if (running_ == nullptr) {
                fail_empty(error);
                return Value();
            }
            Raw raw{};
            const nlftp_status status = getter(running_->op, &raw);
            if (status != NLFTP_PENDING && failed_in_callback(error)) {
                return Value();
            }
            detail::check(error, [&] { return status; });
            return error ? Value() : convert(raw, error);
        });
    }

    void give(Callback<void(Operation &)> completion, std::error_code &error) && {
        if (running_ == nullptr || !completion) {
            detail::fail(error, Status::invalid_argument, "then() needs an operation that was started, and a callback");
            return;
        }
        detail::Core &core = *running_->core;
        {
            // Under the lock, as dispatch in another thread may have it in hand.
            const std::lock_guard<std::mutex> lock(core.mutex);
            const auto found = core.listed.find(running_->op);
            if (found != core.listed.end() && nlftp_op_status(running_->op) == NLFTP_PENDING) {
                found->second.owner = std::move(running_);
                found->second.completion = std::move(completion);
                return;
            }
        }
        Operation finished = std::move(*this);
        completion(finished);
    }

    std::shared_ptr<detail::Running> running_;
};

NLFTP_HPP_END

#endif
