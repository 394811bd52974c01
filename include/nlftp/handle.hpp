// What a Modem and its operations share, and the functions that the C library calls. Nothing here is for users.
// Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_HANDLE
#define NLFTP_HPP_HANDLE

#include "options.hpp"
#include "source.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

NLFTP_HPP_BEGIN

/// What a Modem is doing.
enum class State : int {
    closed = NLFTP_STATE_CLOSED,         ///< not opened yet, or closed
    opening = NLFTP_STATE_OPENING,       ///< the port is being opened, the modem brought to command mode
    ready = NLFTP_STATE_READY,           ///< in command mode, without an FTP connection
    connected = NLFTP_STATE_CONNECTED,   ///< with an FTP connection
    recovering = NLFTP_STATE_RECOVERING, ///< being brought back after a time limit, a cancel or a failure
    lost = NLFTP_STATE_LOST              ///< the port is gone; Modem::open opens it anew
};

class Operation;

/// Which operation Modem::dispatch says has finished. Never given twice in a process.
enum class OperationId : std::uint64_t {};

namespace detail {

class Running;

/// An operation that Modem::dispatch is to hand out.
struct Listed {
    OperationId id;
    std::shared_ptr<Running> owner;        // null while the user's Operation owns it
    Callback<void(Operation &)> completion; // goes with an owner
};

using List = std::map<nlftp_op *, Listed>;

/// A modem's handle with its callbacks. It outlives the Modem as long as an Ftp or an Operation refers to it.
class Core final : public Deferred {
public:
    explicit Core(nlftp_modem *modem) noexcept : modem_(modem), process_(getpid()) {}
    ~Core() override { settle(); }
    Core(const Core &) = delete;
    Core &operator=(const Core &) = delete;

    /// Null once the Modem is gone.
    nlftp_modem *modem() const noexcept { return gone_ ? nullptr : modem_; }

    /// Whether it is the copy of a forked child, where another thread's copy of a lock may be held for ever.
    bool is_forked() const noexcept { return getpid() != process_; }

    /// The Modem goes: no callback of it runs from here on, and nothing is handed out.
    static void dispose(std::shared_ptr<Core> core) noexcept {
        if (core == nullptr) {
            return;
        }
        if (core->is_forked()) {
            core->settle();
            return;
        }
        core->replace(&Core::urc, {});
        core->replace(&Core::info, {});
        core->replace(&Core::state, {});
        core->drop_listed();
        if (in_callback()) {
            nlftp_modem_cancel(core->modem_);
            defer(std::move(core)); // closing waits, which a callback cannot
        } else {
            core->settle();
        }
    }

    void drop_listed() noexcept;

    void settle() noexcept override {
        if (modem_ != nullptr && nlftp_modem_free(modem_) == NLFTP_OK) {
            modem_ = nullptr;
        }
    }

    // What is called stays for as long as it is called, even if it replaces itself.
    static void on_urc(const char *line, void *user_data) noexcept {
        run(user_data, &Core::urc, std::string_view(line));
    }
    static void on_info(const char *line, void *user_data) noexcept {
        run(user_data, &Core::info, std::string_view(line));
    }
    static void on_state(nlftp_state value, void *user_data) noexcept {
        run(user_data, &Core::state, static_cast<State>(value));
    }

    /// Puts a callback in its place and gives the former one.
    template <class Function>
    Function replace(Function Core::*place, Function function) noexcept {
        const std::lock_guard<std::mutex> lock(mutex);
        std::swap(this->*place, function);
        return function;
    }

    std::mutex mutex; // for all below; never held while a function of the user's runs, or one that may wait for one
    List listed;
    std::size_t starting = 0; // operations that are not in the list yet, but may have ended already
    std::condition_variable started;
    Callback<void(std::string_view)> urc;
    Callback<void(std::string_view)> info;
    Callback<void(State)> state;

private:
    template <class Function, class Argument>
    static void run(void *user_data, Function Core::*place, Argument argument) noexcept {
        auto *core = static_cast<Core *>(user_data);
        Function function;
        {
            const std::lock_guard<std::mutex> lock(core->mutex);
            function = core->*place;
        }
        if (function) {
            run_callback(core, [&] { function(argument); });
        }
    }

    nlftp_modem *modem_;
    const pid_t process_;
    bool gone_ = false;
};

/// A started operation with all that its callbacks need.
class Running final : public Deferred {
public:
    explicit Running(std::shared_ptr<Core> of) noexcept : core(std::move(of)) {}
    ~Running() override { settle(); }
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;

    /// Starts it: `start(modem, op)` is the call of the C library. A listed one is handed out by Modem::dispatch.
    template <class Start>
    static void begin(const std::shared_ptr<Running> &running, bool listed, std::error_code &error, Start &&start) {
        const CallScope scope; // what was left over may have the port
        if (listed) {
            running->id = next_id();
            const Entrance entrance(*running);
            check(error, [&] { return start(running->core->modem(), &running->op); });
        } else {
            check(error, [&] { return start(running->core->modem(), &running->op); });
        }
    }

    /// Its Operation goes.
    static void dispose(std::shared_ptr<Running> running) noexcept {
        if (running == nullptr) {
            return;
        }
        running->abandoned_ = true;
        running->settle();
        if (running->op != nullptr) {
            nlftp_op_cancel(running->op);
        }
        if (running->op != nullptr || in_callback_of(running.get())) {
            defer(std::move(running)); // a callback of it runs, on this thread or another
        }
    }

    void settle() noexcept override {
        if (op != nullptr) {
            unlist();
            if (nlftp_op_free(op) == NLFTP_OK) { // from here on no callback of it runs
                op = nullptr;
            }
        }
    }

    /// What a callback of it threw; null if none did.
    std::exception_ptr thrown() noexcept {
        if (core->is_forked()) {
            return nullptr;
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        return thrown_;
    }

    static nlftp_status on_read(void *buffer, std::size_t size, std::size_t *count, void *user_data) noexcept {
        auto &self = *static_cast<Running *>(user_data);
        return self.run([&] { return Access::answer(self.source.read(static_cast<char *>(buffer), size), count); });
    }
    static nlftp_status on_seek(std::uint64_t offset, void *user_data) noexcept {
        auto &self = *static_cast<Running *>(user_data);
        return self.run([&] { return self.source.seek(offset) ? NLFTP_OK : NLFTP_LOCAL_FILE; });
    }
    static nlftp_status on_write(const void *data, std::size_t size, std::size_t *count, void *user_data) noexcept {
        auto &self = *static_cast<Running *>(user_data);
        return self.run(
            [&] { return Access::answer(self.sink.write(static_cast<const char *>(data), size), count); });
    }
    static void on_progress(std::uint64_t done, std::int64_t total, double rate, void *user_data) noexcept {
        auto &self = *static_cast<Running *>(user_data);
        const nlftp_status status = self.run([&] {
            Progress so_far{done, std::nullopt, rate};
            if (total >= 0) {
                so_far.total = static_cast<std::uint64_t>(total);
            }
            self.progress(so_far);
            return NLFTP_OK;
        });
        if (status != NLFTP_OK) {
            nlftp_op_cancel(self.op); // the caller of the wait gets what was thrown
        }
    }

    std::shared_ptr<Core> core;
    nlftp_op *op = nullptr;
    OperationId id{};
    SourceEnd source{EndKind::callbacks};
    SinkEnd sink{EndKind::callbacks};
    Callback<void(const Progress &)> progress;

private:
    static OperationId next_id() noexcept {
        static std::atomic<std::uint64_t> last{0};
        return static_cast<OperationId>(++last);
    }

    /// Puts an operation that is being started into the list. Dispatch of another thread may have it before, and then
    /// waits for this.
    class Entrance {
    public:
        explicit Entrance(Running &running) : running_(running) {
            List list; // memory is asked for here, where that may fail
            list.emplace(nullptr, Listed{running.id, nullptr, nullptr});
            node_ = list.extract(list.begin());
            const std::lock_guard<std::mutex> lock(running.core->mutex);
            ++running.core->starting;
        }
        ~Entrance() {
            Core &shared = *running_.core;
            {
                const std::lock_guard<std::mutex> lock(shared.mutex);
                --shared.starting;
                if (running_.op != nullptr) {
                    node_.key() = running_.op;
                    shared.listed.insert(std::move(node_));
                }
            }
            shared.started.notify_all();
        }
        Entrance(const Entrance &) = delete;
        Entrance &operator=(const Entrance &) = delete;

    private:
        Running &running_;
        List::node_type node_;
    };

    void unlist() noexcept {
        if (core->is_forked()) {
            return;
        }
        Listed dropped; // goes after the lock is released: it may hold lambdas, whose ends are the user's code
        const std::lock_guard<std::mutex> lock(core->mutex);
        const auto found = core->listed.find(op);
        if (found != core->listed.end()) {
            dropped = std::move(found->second);
            core->listed.erase(found);
        }
    }

    template <class Body>
    nlftp_status run(Body &&body) noexcept {
        if (abandoned_) {
            return NLFTP_LOCAL_FILE;
        }
        const CallbackScope scope(this);
#if NLFTP_HPP_EXCEPTIONS
        try {
            return body();
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (thrown_ == nullptr) {
                thrown_ = std::current_exception();
            }
            return NLFTP_LOCAL_FILE;
        }
#else
        return body();
#endif
    }

    std::mutex mutex_;
    std::exception_ptr thrown_;
    std::atomic<bool> abandoned_{false};
};

/// The handle to call the C library with; null, with an error, if its Modem is gone or an argument was refused.
inline nlftp_modem *open_modem(const std::shared_ptr<Core> &core, std::error_code &error) noexcept {
    nlftp_modem *const modem = core ? core->modem() : nullptr;
    if (modem == nullptr && !error) {
        fail(error, Status::closed, "the modem is closed: its Modem object is gone or was moved from");
    }
    if (!error && core->is_forked()) {
        fail(error, Status::closed, "the modem belongs to the process that this one was forked from");
    }
    return error ? nullptr : modem;
}

/// Cancels what was given to Operation::then, and hands out nothing from here on.
inline void Core::drop_listed() noexcept {
    List dropped;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        gone_ = true;
        dropped.swap(listed);
    }
    for (auto &[op, entry] : dropped) {
        Running::dispose(std::move(entry.owner));
    }
}

} // namespace detail

NLFTP_HPP_END

#endif
