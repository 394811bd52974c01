// What calls give: plain values that depend on no handle. Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_RESULTS
#define NLFTP_HPP_RESULTS

#include "options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

NLFTP_HPP_BEGIN

/// What a transfer's success rests on.
enum class Verified : int {
    no = NLFTP_VERIFIED_NO,            ///< nothing was, or could be, checked; a warning says why
    size = NLFTP_VERIFIED_SIZE,        ///< the size in the server's listing agrees
    readback = NLFTP_VERIFIED_READBACK ///< a second download has the same SHA-256
};

/// A transfer that succeeded.
struct Transfer {
    std::uint64_t bytes = 0;              ///< bytes of the file that were moved
    std::chrono::milliseconds duration{}; ///< from the first command to the last check
    Via via = Via::automatic;             ///< the way taken, never automatic
    Verified verified = Verified::no;     ///< what the success rests on
    std::uint64_t resumed_from = 0;       ///< the bytes that were there already, with TransferOptions::set_resume
    std::vector<std::string> warnings;    ///< what the caller should know, such as why nothing could be checked
};

/// What a line of a listing says that a name stands for.
enum class EntryType : int {
    file = NLFTP_ENTRY_FILE,
    directory = NLFTP_ENTRY_DIRECTORY,
    link = NLFTP_ENTRY_LINK,
    other = NLFTP_ENTRY_OTHER,
    unknown = NLFTP_ENTRY_UNKNOWN ///< a format that is not known: see raw
};

/// A line of a listing. Names are octets as the server gave them, in whatever encoding.
struct Entry {
    std::string name;                     ///< the name alone, without a directory
    EntryType type = EntryType::unknown;  ///< file, directory, ...
    std::optional<std::uint64_t> size;    ///< in bytes, where the line tells it
    std::optional<std::string> modified;  ///< such as "2026-10-26T15:15", as much as the line tells
    std::optional<std::string> target;    ///< where a link points to
    std::string raw;                      ///< the line as it came, without its end
};

/// What a modem tells of itself; std::nullopt where it does not.
struct Info {
    std::vector<std::string> identification;        ///< the lines of ATI
    std::optional<std::string> manufacturer;        ///< AT+CGMI
    std::optional<std::string> model;               ///< AT+CGMM
    std::optional<std::string> revision;            ///< AT+CGMR, the firmware
    std::optional<std::string> serial_number;       ///< AT+CGSN, the IMEI
    std::optional<std::string> sim;                 ///< AT+CPIN?, such as "READY"
    std::optional<std::uint32_t> registration;      ///< +CEREG's or +CREG's number (3GPP TS 27.007): 1 home, 5 roaming
    std::optional<std::string> operator_name;       ///< AT+COPS?
    std::optional<std::uint32_t> access_technology; ///< AT+COPS?'s number (3GPP TS 27.007): 7 is LTE
    std::optional<std::uint32_t> signal;            ///< AT+CSQ, 0 to 31; 99 is unknown
    std::optional<std::int32_t> signal_dbm;         ///< the same in dBm
    std::optional<std::string> address;             ///< of the PDP context; std::nullopt while not attached
    std::optional<bool> ftp_connected;              ///< whether an FTP connection is open
};

namespace detail {

inline std::vector<std::string> lines_of(const nlftp_lines *lines, std::error_code &error) {
    std::vector<std::string> copy;
    std::size_t count = 0;
    check(error, [&] { return nlftp_lines_count(lines, &count); });
    for (std::size_t index = 0; index < count && !error; ++index) {
        const char *line = nullptr;
        std::size_t length = 0;
        check(error, [&] { return nlftp_lines_get(lines, index, &line, &length); });
        if (!error) {
            copy.emplace_back(line, length);
        }
    }
    return copy;
}

inline Transfer transfer_of(const nlftp_transfer *transfer, std::error_code &error) {
    Transfer copy;
    std::int64_t milliseconds = 0;
    nlftp_via via = NLFTP_VIA_AUTO;
    nlftp_verified verified = NLFTP_VERIFIED_NO;
    const nlftp_lines *warnings = nullptr;
    check(error, [&] { return nlftp_transfer_bytes(transfer, &copy.bytes); });
    check(error, [&] { return nlftp_transfer_duration(transfer, &milliseconds); });
    check(error, [&] { return nlftp_transfer_via(transfer, &via); });
    check(error, [&] { return nlftp_transfer_verified(transfer, &verified); });
    check(error, [&] { return nlftp_transfer_resumed_from(transfer, &copy.resumed_from); });
    check(error, [&] { return nlftp_transfer_warnings(transfer, &warnings); });
    copy.duration = std::chrono::milliseconds(milliseconds);
    copy.via = static_cast<Via>(via);
    copy.verified = static_cast<Verified>(verified);
    if (!error) {
        copy.warnings = lines_of(warnings, error);
    }
    return copy;
}

/// Reads a value that need not be there.
template <class Raw, class Value, class Handle>
void read_optional(std::optional<Value> &value, nlftp_status (*getter)(const Handle *, Raw *), const Handle *handle,
                   std::error_code &error) {
    Raw raw{};
    const nlftp_status status = error ? NLFTP_NO_VALUE : getter(handle, &raw);
    if (status == NLFTP_OK) {
        value = Value(raw);
    } else if (status != NLFTP_NO_VALUE) {
        fail(error, status);
    }
}

inline Entry entry_of(const nlftp_entry *entry, std::error_code &error) {
    Entry copy;
    const char *text = nullptr;
    std::size_t length = 0;
    nlftp_entry_type type = NLFTP_ENTRY_UNKNOWN;
    check(error, [&] { return nlftp_entry_name(entry, &text, &length); });
    if (!error) {
        copy.name.assign(text, length);
    }
    check(error, [&] { return nlftp_entry_raw(entry, &text, &length); });
    if (!error) {
        copy.raw.assign(text, length);
    }
    check(error, [&] { return nlftp_entry_kind(entry, &type); });
    copy.type = static_cast<EntryType>(type);
    read_optional(copy.size, nlftp_entry_size, entry, error);
    read_optional(copy.modified, nlftp_entry_modified, entry, error);
    const nlftp_status status = error ? NLFTP_NO_VALUE : nlftp_entry_target(entry, &text, &length);
    if (status == NLFTP_OK) {
        copy.target.emplace(text, length);
    } else if (status != NLFTP_NO_VALUE) {
        fail(error, status);
    }
    return copy;
}

inline Info info_of(const nlftp_info *info, std::error_code &error) {
    Info copy;
    const nlftp_lines *identification = nullptr;
    check(error, [&] { return nlftp_info_identification(info, &identification); });
    if (!error) {
        copy.identification = lines_of(identification, error);
    }
    read_optional(copy.manufacturer, nlftp_info_manufacturer, info, error);
    read_optional(copy.model, nlftp_info_model, info, error);
    read_optional(copy.revision, nlftp_info_revision, info, error);
    read_optional(copy.serial_number, nlftp_info_serial_number, info, error);
    read_optional(copy.sim, nlftp_info_sim, info, error);
    read_optional(copy.registration, nlftp_info_registration, info, error);
    read_optional(copy.operator_name, nlftp_info_operator, info, error);
    read_optional(copy.access_technology, nlftp_info_access_technology, info, error);
    read_optional(copy.signal, nlftp_info_signal, info, error);
    read_optional(copy.signal_dbm, nlftp_info_signal_dbm, info, error);
    read_optional(copy.address, nlftp_info_address, info, error);
    read_optional(copy.ftp_connected, nlftp_info_ftp_connected, info, error);
    return copy;
}

} // namespace detail

/// A directory listing, in the server's order. For a directory of any size in little memory see Ftp::entries.
///
///     for (const nlftp::Entry &entry : ftp.list()) { ... }
class Listing {
public:
    using value_type = Entry;
    using const_iterator = std::vector<Entry>::const_iterator;

    /// Without entries.
    Listing() noexcept = default;

    /// Reads the text of a LIST, MLSD or STAT. Never blocks.
    static Listing parse(std::string_view text, std::error_code &error) noexcept {
        return detail::guarded(error, [&] {
            nlftp_listing *listing = nullptr;
            detail::check(error, [&] { return nlftp_listing_parse(text.data(), text.size(), &listing); });
            const detail::Owned<nlftp_listing, nlftp_listing_free> owner(listing);
            return error ? Listing() : of(listing, error);
        });
    }
#if NLFTP_HPP_EXCEPTIONS
    /// The same, throwing Error.
    static Listing parse(std::string_view text) {
        return detail::or_throw([&](auto &error) { return parse(text, error); });
    }
#endif

    const_iterator begin() const noexcept { return entries_.begin(); }
    const_iterator end() const noexcept { return entries_.end(); }
    std::size_t size() const noexcept { return entries_.size(); }
    bool empty() const noexcept { return entries_.empty(); }
    /// The entry at this place, which must be less than size().
    const Entry &operator[](std::size_t index) const noexcept { return entries_[index]; }
    /// The first entry with exactly this name; null if there is none.
    const Entry *find(std::string_view name) const noexcept {
        for (const Entry &entry : entries_) {
            if (entry.name == name) {
                return &entry;
            }
        }
        return nullptr;
    }

private:
    friend class Operation;

    static Listing of(const nlftp_listing *listing, std::error_code &error) {
        Listing copy;
        std::size_t count = 0;
        detail::check(error, [&] { return nlftp_listing_count(listing, &count); });
        for (std::size_t index = 0; index < count && !error; ++index) {
            const nlftp_entry *entry = nullptr;
            detail::check(error, [&] { return nlftp_listing_entry(listing, index, &entry); });
            if (!error) {
                copy.entries_.push_back(detail::entry_of(entry, error));
            }
        }
        return copy;
    }

    std::vector<Entry> entries_;
};

NLFTP_HPP_END

#endif
