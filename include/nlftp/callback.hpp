// Lambdas as callbacks, and what carries their exceptions around the C library.
// Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_CALLBACK
#define NLFTP_HPP_CALLBACK

#include "error.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

NLFTP_HPP_BEGIN

template <class Signature>
class Callback;

/// Any callable, also one that can only be moved. Copies share it. Empty, it stands for "no callback".
///
/// Callbacks run inside the call that waits, or inside Modem::dispatch, of the thread that called it (the log's alone
/// run on any thread). In a callback other operations can be started, but waiting for one is Status::would_deadlock.
/// What one throws reaches the caller of that call, never the C library.
template <class Result, class... Arguments>
class Callback<Result(Arguments...)> {
    struct Target {
        virtual ~Target() = default;
        virtual Result call(Arguments... arguments) = 0;
    };

    template <class Function>
    struct Holder final : Target {
        explicit Holder(Function &&callable) : function(std::move(callable)) {}
        Result call(Arguments... arguments) override {
            if constexpr (std::is_void_v<Result>) {
                std::invoke(function, std::forward<Arguments>(arguments)...);
            } else {
                return std::invoke(function, std::forward<Arguments>(arguments)...);
            }
        }
        Function function;
    };

    template <class Function>
    static constexpr bool fits = !std::is_same_v<std::decay_t<Function>, Callback> &&
                                 std::is_invocable_r_v<Result, std::decay_t<Function> &, Arguments...>;

public:
    /// None.
    Callback() noexcept = default;
    /// None.
    Callback(std::nullptr_t) noexcept {}
    /// The one given; an empty std::function or a null pointer makes none.
    template <class Function, std::enable_if_t<fits<Function>, int> = 0>
    Callback(Function &&function) {
        using Held = std::decay_t<Function>;
        if constexpr (std::is_pointer_v<Held> || std::is_same_v<Held, std::function<Result(Arguments...)>>) {
            if (function == nullptr) {
                return;
            }
        }
        Held copy(std::forward<Function>(function));
        target_ = std::make_shared<Holder<Held>>(std::move(copy));
    }

    /// Whether there is one.
    explicit operator bool() const noexcept { return target_ != nullptr; }
    /// Calls it; there must be one.
    Result operator()(Arguments... arguments) const { return target_->call(std::forward<Arguments>(arguments)...); }

private:
    std::shared_ptr<Target> target_;
};

namespace detail {

/// Around a callback: says on this thread that one runs, and of what.
class CallbackScope {
public:
    explicit CallbackScope(const void *of) noexcept : running_{of, thread_state().running} {
        thread_state().running = &running_;
    }
    ~CallbackScope() { thread_state().running = running_.outer; }
    CallbackScope(const CallbackScope &) = delete;
    CallbackScope &operator=(const CallbackScope &) = delete;

private:
    RunningCallback running_;
};

inline bool in_callback() noexcept {
    return thread_state().running != nullptr;
}

inline bool in_callback_of(const void *of) noexcept {
    for (const RunningCallback *running = thread_state().running; running != nullptr; running = running->outer) {
        if (running->of == of) {
            return true;
        }
    }
    return false;
}

/// What was destroyed in a callback on a thread that is in no call, such as the log's on a thread of the library's:
/// any thread's next call frees it.
inline std::atomic<Deferred *> left_over{nullptr};

/// Frees later what cannot be freed in a callback.
inline void defer(std::shared_ptr<Deferred> what) noexcept {
    ThreadState &state = thread_state();
    Deferred *const first = what.get();
    first->self = std::move(what);
    if (state.calls > 0) {
        first->next = std::exchange(state.deferred, first);
        return;
    }
    first->next = left_over.load(std::memory_order_relaxed);
    while (!left_over.compare_exchange_weak(first->next, first, std::memory_order_release, std::memory_order_relaxed)) {
    }
}

/// Frees what is in a list, also what comes into it meanwhile.
inline void settle(Deferred *&list) noexcept {
    while (list != nullptr) {
        const std::shared_ptr<Deferred> first = std::move(list->self);
        list = first->next;
        first->settle();
    }
}

/// Around a call of the C library that may run callbacks: frees afterwards what could not be freed inside of them, and
/// before what others left.
class CallScope {
public:
    CallScope() noexcept {
        ThreadState &state = thread_state();
        ++state.calls;
        if (state.running == nullptr && left_over.load(std::memory_order_relaxed) != nullptr) {
            Deferred *list = left_over.exchange(nullptr, std::memory_order_acquire);
            detail::settle(list);
        }
    }
    ~CallScope() {
        ThreadState &state = thread_state();
        if (state.running == nullptr) {
            detail::settle(state.deferred);
        }
        --state.calls;
    }
    CallScope(const CallScope &) = delete;
    CallScope &operator=(const CallScope &) = delete;
};

/// Runs a modem's callback. What it throws waits on this thread for the call that it runs inside of.
template <class Body>
void run_callback(const void *of, Body &&body) noexcept {
    const CallbackScope scope(of);
#if NLFTP_HPP_EXCEPTIONS
    try {
        body();
    } catch (...) {
        if (!std::exchange(thread_state().threw, true)) { // the first one is the cause
            thread_exceptions().thrown = std::current_exception();
        }
    }
#else
    body();
#endif
}

/// Reports what a modem's callback threw on this thread, if one did. True: it did, and `error` is set.
inline bool callback_threw(std::error_code &error) noexcept {
    if (!std::exchange(thread_state().threw, false)) {
        return false;
    }
    fail(error, std::exchange(thread_exceptions().thrown, nullptr));
    return true;
}

} // namespace detail

NLFTP_HPP_END

#endif
