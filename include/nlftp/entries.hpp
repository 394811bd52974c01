// A directory of any size, entry by entry. Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_ENTRIES
#define NLFTP_HPP_ENTRIES

#include "results.hpp"

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

NLFTP_HPP_BEGIN

namespace detail {

/// A listing that is being read; a callback that runs meanwhile cannot free it.
struct Reading final : Deferred {
    explicit Reading(nlftp_entries *handle) noexcept : entries(handle) {}
    ~Reading() override { settle(); }
    Reading(const Reading &) = delete;
    Reading &operator=(const Reading &) = delete;

    void settle() noexcept override {
        if (nlftp_entries_free(entries) == NLFTP_OK) {
            entries = nullptr;
        }
    }

    static void dispose(std::shared_ptr<Reading> reading) noexcept {
        if (reading != nullptr) {
            reading->settle();
            if (reading->entries != nullptr) {
                defer(std::move(reading));
            }
        }
    }

    nlftp_entries *entries;
    std::optional<Entry> held; // read by a call that had an exception to give
};

} // namespace detail

/// The entries of a directory as they arrive, in constant memory. Moved, not copied. While it is being read the module
/// serves it: another call on the modem first reads the rest into memory, up to 64 MiB. Its destructor gives up what
/// has not been read. One thread at a time.
///
///     for (const nlftp::Entry &entry : ftp.entries("logs")) { ... }
class Entries {
public:
    /// None.
    Entries() noexcept = default;
    Entries(Entries &&other) noexcept = default;
    Entries &operator=(Entries &&other) noexcept {
        detail::Reading::dispose(std::exchange(reading_, std::exchange(other.reading_, nullptr)));
        return *this;
    }
    ~Entries() { detail::Reading::dispose(std::move(reading_)); }

    /// The next entry; std::nullopt at the end, or with an error. Blocks until the module has sent it; callbacks of
    /// the modem run in it. What is wrong with the directory is told here. After an error there is no more, but for what
    /// a callback threw: then the next call goes on.
    std::optional<Entry> next(std::error_code &error) noexcept {
        return detail::guarded(error, [&]() -> std::optional<Entry> {
            const std::shared_ptr<detail::Reading> reading = reading_; // a callback may end this very object
            if (reading && reading->held) {
                error.clear();
                return std::exchange(reading->held, std::nullopt);
            }
            const detail::CallScope scope;
            const nlftp_entry *entry = nullptr;
            const nlftp_status status = nlftp_entries_next(reading ? reading->entries : nullptr, &entry);
            const bool threw = detail::callback_threw(error);
            if (threw && status == NLFTP_OK) {
                std::error_code failure;
                Entry copy = detail::entry_of(entry, failure);
                if (!failure) {
                    reading->held = std::move(copy);
                }
            }
            if (threw || status == NLFTP_NO_VALUE) {
                return std::nullopt;
            }
            detail::check(error, [&] { return status; });
            Entry copy = error ? Entry() : detail::entry_of(entry, error);
            return error ? std::nullopt : std::optional<Entry>(std::move(copy));
        });
    }

#if NLFTP_HPP_EXCEPTIONS
    /// The same, throwing Error, or what a callback threw.
    std::optional<Entry> next() {
        return detail::or_throw([&](auto &error) { return next(error); });
    }

    /// An input iterator: each step is a next(), throws as that does, and is seen by all copies.
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Entry;
        using difference_type = std::ptrdiff_t;
        using pointer = const Entry *;
        using reference = const Entry &;

        /// The end.
        iterator() noexcept = default;
        const Entry &operator*() const noexcept { return *entry_; }
        const Entry *operator->() const noexcept { return &*entry_; }
        iterator &operator++() {
            entry_ = entries_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        /// Equal are two at the end, or two that are not.
        friend bool operator==(const iterator &left, const iterator &right) noexcept {
            return left.entry_.has_value() == right.entry_.has_value();
        }
        friend bool operator!=(const iterator &left, const iterator &right) noexcept { return !(left == right); }

    private:
        friend class Entries;
        explicit iterator(Entries &entries) : entries_(&entries), entry_(entries.next()) {}

        Entries *entries_ = nullptr;
        std::optional<Entry> entry_;
    };

    /// Reads the first entry that has not been read. The object must stay where it is while it is iterated.
    iterator begin() { return iterator(*this); }
    iterator end() noexcept { return {}; }
#endif

    /// The C library's handle; null after a move.
    nlftp_entries *native_handle() const noexcept { return reading_ ? reading_->entries : nullptr; }

private:
    friend class Ftp;

    std::shared_ptr<detail::Reading> reading_;
};

NLFTP_HPP_END

#endif
