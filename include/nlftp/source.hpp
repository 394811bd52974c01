// Where an upload's bytes come from and a download's go to: Source and Sink.
// Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_SOURCE
#define NLFTP_HPP_SOURCE

#include "callback.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ios>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

NLFTP_HPP_BEGIN

namespace detail {
struct Access;
class TransferCall;
}

/// What a callback of a source or sink answers: how many bytes it gave or took, or one of those below.
class Amount {
public:
    /// So many bytes. From a source, 0 is the end; from a sink, that there is no room right now. A sink that took a
    /// part is given the rest at once. More than there was room for is Status::invalid_argument.
    Amount(std::size_t bytes) noexcept : bytes_(bytes), status_(NLFTP_OK) {}
    /// Nothing to give, or no room, right now: asked again at the next Modem::dispatch, after Operation::resume, and
    /// every 10 ms while a call waits.
    static Amount again() noexcept { return Amount(NLFTP_AGAIN); }
    /// It cannot go on: the transfer ends with Status::local_file. Where there are exceptions, throwing one does the
    /// same and carries it to the caller.
    static Amount failed() noexcept { return Amount(NLFTP_LOCAL_FILE); }
    /// It wants no more: the transfer ends with Status::cancelled.
    static Amount cancelled() noexcept { return Amount(NLFTP_CANCELLED); }

private:
    friend struct detail::Access;
    explicit Amount(nlftp_status status) noexcept : bytes_(0), status_(status) {}

    std::size_t bytes_;
    nlftp_status status_;
};

namespace detail {

/// Which of its members an end of a transfer uses. Not std::variant: compilers warn of what it does inside.
enum class EndKind { file, descriptor, memory, stream, callbacks };

struct SourceEnd {
    EndKind kind;
    std::filesystem::path path{};
    int descriptor = -1;
    const void *data = nullptr;
    std::size_t size = 0;
    std::shared_ptr<const void> owner{}; // of the memory; null: the caller's
    std::istream *stream = nullptr;
    Callback<Amount(char *, std::size_t)> read{};
    Callback<bool(std::uint64_t)> seek{};
    std::optional<std::uint64_t> total{};
};

struct SinkEnd {
    EndKind kind;
    std::filesystem::path path{};
    int descriptor = -1;
    void *data = nullptr;
    std::size_t size = 0;
    Callback<Amount(const char *, std::size_t)> write{};
};

struct Access {
    static nlftp_status answer(const Amount &amount, std::size_t *count) noexcept {
        *count = amount.bytes_;
        return amount.status_;
    }
};

/// A stream as a source: from its position to its end. It can seek if it can tell where its end is.
inline SourceEnd source_end(std::istream &stream) {
    SourceEnd end{EndKind::callbacks};
    end.read = [&stream](char *buffer, std::size_t size) -> Amount {
        if (stream.eof() || size == 0) {
            return 0;
        }
        // The end is no failure, even for a stream that is told to throw at one.
        const std::ios_base::iostate throwing = stream.exceptions();
        stream.exceptions(std::ios_base::goodbit);
        stream.read(buffer, static_cast<std::streamsize>(size));
        const auto count = static_cast<std::size_t>(stream.gcount());
        if (stream.eof() && !stream.bad()) {
            stream.clear((throwing & std::ios_base::eofbit) != 0 ? std::ios_base::goodbit : std::ios_base::eofbit);
        }
        stream.exceptions(throwing);
        // A file that could not be opened gives nothing, too, but does not stand at its end.
        return stream.fail() ? Amount::failed() : Amount(count);
    };
    if (!stream) {
        return end;
    }
    const std::streampos here = stream.tellg();
    if (here != std::streampos(-1)) {
        stream.seekg(0, std::ios_base::end);
        const std::streampos last = stream.tellg();
        stream.seekg(here);
        if (stream && last >= here) {
            end.total = static_cast<std::uint64_t>(last - here);
            end.seek = [&stream, here](std::uint64_t offset) {
                stream.clear();
                return static_cast<bool>(stream.seekg(here + static_cast<std::streamoff>(offset)));
            };
            return end;
        }
    }
    stream.clear(); // a pipe, which only said that it cannot seek
    return end;
}

inline SinkEnd sink_end(Callback<Amount(const char *, std::size_t)> write) {
    SinkEnd end{EndKind::callbacks};
    end.write = std::move(write);
    return end;
}

inline SinkEnd sink_end(std::ostream &stream) {
    return sink_end([&stream](const char *data, std::size_t size) -> Amount {
        stream.write(data, static_cast<std::streamsize>(size));
        stream.flush(); // a success must not rest on bytes that are still to be written
        return stream ? Amount(size) : Amount::failed();
    });
}

} // namespace detail

/// Where an upload's bytes come from. For start_put, what is only referred to (a stream, memory of yours, what a
/// lambda captured by reference) must stay until the operation has ended or its Operation is gone; all else the
/// operation owns.
class Source {
public:
    /// A file, read by a helper thread: right for event loops.
    static Source file(std::filesystem::path path) {
        detail::SourceEnd end{detail::EndKind::file};
        end.path = std::move(path);
        return Source(std::move(end));
    }
    /// An open file descriptor, from its position. It is duplicated; yours stays open.
    static Source fd(int descriptor) {
        detail::SourceEnd end{detail::EndKind::descriptor};
        end.descriptor = descriptor;
        return Source(std::move(end));
    }
    /// Memory of yours.
    static Source memory(const void *data, std::size_t size) { return of_memory(data, size, nullptr); }
    /// Octets of yours.
    static Source memory(std::string_view octets) { return memory(octets.data(), octets.size()); }
    /// Octets of yours.
    static Source memory(const std::vector<std::byte> &octets) { return memory(octets.data(), octets.size()); }
    /// Octets of yours, not a temporary's.
    static Source memory(const std::string &octets) { return memory(octets.data(), octets.size()); }
    /// Octets of yours.
    static Source memory(const char *text) { return memory(std::string_view(text)); }
    /// Octets that the source takes over.
    static Source memory(std::string &&octets) { return owned(std::move(octets)); }
    /// Octets that the source takes over.
    static Source memory(std::vector<std::byte> &&octets) { return owned(std::move(octets)); }

    /// A stream, from its position to its end. Reading blocks the thread that waits or dispatches. A stream that can
    /// seek tells its size and can be resumed.
    Source(std::istream &stream) : end_{detail::EndKind::stream} { end_.stream = &stream; }

    /// A callable `Amount read(char *buffer, std::size_t size)`: puts up to size bytes into the buffer and returns
    /// how many; 0 is the end. It may return a std::size_t. `seek(offset)` goes to this offset from the first byte
    /// and returns whether it could; needed for resuming. `size`: of all, where known.
    template <class Read, std::enable_if_t<std::is_invocable_r_v<Amount, std::decay_t<Read> &, char *, std::size_t>,
                                           int> = 0>
    Source(Read &&read, Callback<bool(std::uint64_t)> seek = nullptr, std::optional<std::uint64_t> size = std::nullopt)
        : end_{detail::EndKind::callbacks} {
        end_.read = std::forward<Read>(read);
        end_.seek = std::move(seek);
        end_.total = size;
        using Answer = std::invoke_result_t<std::decay_t<Read> &, char *, std::size_t>;
        static_assert(!std::is_same_v<Answer, bool>, "a source says how many bytes it gave");
    }

private:
    friend class detail::TransferCall;

    explicit Source(detail::SourceEnd end) : end_(std::move(end)) {}

    static Source of_memory(const void *data, std::size_t size, std::shared_ptr<const void> owner) {
        detail::SourceEnd end{detail::EndKind::memory};
        end.data = data;
        end.size = size;
        end.owner = std::move(owner);
        return Source(std::move(end));
    }

    template <class Octets>
    static Source owned(Octets octets) {
        const auto owner = std::make_shared<const Octets>(std::move(octets));
        return of_memory(owner->data(), owner->size(), owner);
    }

    detail::SourceEnd end_;
};

/// Where a download's bytes go to. For start_get, what it refers to must stay until the operation has ended or its
/// Operation is gone. A file appears only when it is complete and checked; any other sink may have got a part of the
/// bytes when a download fails.
class Sink {
public:
    /// A file, written beside its name by a helper thread, synced, checked, and only then given its name.
    static Sink file(std::filesystem::path path) {
        detail::SinkEnd end{detail::EndKind::file};
        end.path = std::move(path);
        return Sink(std::move(end));
    }
    /// An open file descriptor, from its position. It is duplicated; yours stays open.
    static Sink fd(int descriptor) {
        detail::SinkEnd end{detail::EndKind::descriptor};
        end.descriptor = descriptor;
        return Sink(std::move(end));
    }
    /// Memory of yours; Transfer::bytes says how much of it was filled. A longer file is Status::transfer.
    static Sink memory(void *data, std::size_t capacity) {
        detail::SinkEnd end{detail::EndKind::memory};
        end.data = data;
        end.size = capacity;
        return Sink(std::move(end));
    }

    /// A stream, flushed after each write. Writing blocks the thread that waits or dispatches.
    Sink(std::ostream &stream) : end_(detail::sink_end(stream)) {}
    /// A string, appended to.
    Sink(std::string &octets)
        : end_(detail::sink_end([&octets](const char *data, std::size_t size) -> Amount {
              octets.append(data, size);
              return size;
          })) {}
    /// Octets, appended to.
    Sink(std::vector<std::byte> &octets)
        : end_(detail::sink_end([&octets](const char *data, std::size_t size) -> Amount {
              const auto *first = reinterpret_cast<const std::byte *>(data);
              octets.insert(octets.end(), first, first + size);
              return size;
          })) {}

    /// A callable `write(const char *data, std::size_t size)`. It returns an Amount or a std::size_t, how many bytes
    /// it took; or a bool, false if it cannot go on; or nothing, and has taken all.
    template <class Write, std::enable_if_t<!std::is_same_v<std::decay_t<Write>, Sink> &&
                                                std::is_invocable_v<std::decay_t<Write> &, const char *, std::size_t>,
                                            int> = 0>
    Sink(Write &&write) : end_(of_callable(std::forward<Write>(write))) {}

private:
    friend class detail::TransferCall;

    explicit Sink(detail::SinkEnd end) : end_(std::move(end)) {}

    template <class Write>
    static detail::SinkEnd of_callable(Write &&write) {
        using Held = std::decay_t<Write>;
        using Answer = std::invoke_result_t<Held &, const char *, std::size_t>;
        return detail::sink_end([held = Held(std::forward<Write>(write))](const char *data,
                                                                          std::size_t size) mutable -> Amount {
            if constexpr (std::is_void_v<Answer>) {
                std::invoke(held, data, size);
                return size;
            } else if constexpr (std::is_same_v<Answer, bool>) {
                return std::invoke(held, data, size) ? Amount(size) : Amount::failed();
            } else {
                return std::invoke(held, data, size);
            }
        });
    }

    detail::SinkEnd end_;
};

NLFTP_HPP_END

#endif
