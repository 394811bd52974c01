//! What a URL means, and what each senseless one is told.

use super::*;

fn good(url: &str) -> Location {
    Location::parse(OsStr::new(url)).unwrap()
}

fn bad(url: impl AsRef<[u8]>) -> String {
    let failure = Location::parse(OsStr::from_bytes(url.as_ref())).unwrap_err();
    assert_eq!(failure.exit_status(), 2);
    failure.sentence().unwrap().to_owned()
}

#[test]
fn all_parts_are_found() {
    let location = good("ftp://me:s%40cret@ftp.example.com:2121/dir/na%20me.bin;type=a");
    assert!(!location.tls);
    assert_eq!(location.user.as_deref(), Some(&b"me"[..]));
    assert_eq!(location.password, Some(Secret::new("s@cret")));
    assert_eq!(location.host, "ftp.example.com");
    assert_eq!(location.port, Some(2121));
    assert_eq!(location.path, b"dir/na me.bin");
    assert_eq!(location.file_type, Some(FileType::Ascii));
}

#[test]
fn most_parts_may_be_missing() {
    let location = good("FTPS://h");
    assert!(location.tls);
    assert!(location.user.is_none() && location.password.is_none() && location.port.is_none());
    assert_eq!(location.path, b"");
    assert_eq!(good("ftp://h:/x").port, None);
    assert_eq!(good("ftp://@h/x").user, None);
    assert_eq!(good("ftp://u:@h/x").password, Some(Secret::new("")));
    assert_eq!(good("ftp://[::1]:21/x").host, "::1");
    assert_eq!(good("ftp://[::1]:21/x").port, Some(21));
}

#[test]
fn paths_are_octets_and_stay_as_they_are() {
    for (url, path) in [
        ("ftp://h/a/b", &b"a/b"[..]),
        ("ftp://h//a", b"/a"),
        ("ftp://h/%2Fa", b"/a"),
        ("ftp://h/a//b/../c/.", b"a//b/../c/."),
        ("ftp://h/%ff%FE", b"\xff\xfe"),
        ("ftp://h/a?b", b"a?b"),
        ("ftp://h/a%23b", b"a#b"),
        ("ftp://h/a;b", b"a;b"),
        ("ftp://h/a%3Btype=a", b"a;type=a"),
        ("ftp://h/a@b:c", b"a@b:c"),
        ("ftp://h/ä", "ä".as_bytes()),
    ] {
        assert_eq!(good(url).path, path, "{url}");
    }
}

#[test]
fn a_password_may_hold_an_unescaped_at_sign_or_colon() {
    let location = good("ftp://u:p:w@d@h/x");
    assert_eq!(location.password, Some(Secret::new("p:w@d")));
    assert_eq!(location.host, "h");
}

#[test]
fn each_senseless_url_is_told_why() {
    for (url, why) in [
        ("", "no scheme"),
        ("host/file", "no scheme"),
        ("user:secret@host/file", "no scheme"),
        ("user:secret://host/file", "no scheme"),
        ("://host/file", "no scheme"),
        ("http://host/file", "the scheme is http"),
        ("sftp://host/file", "SSH"),
        ("ftp://", "no host"),
        ("ftp:///file", "no host"),
        ("ftp://u:p@/file", "no host"),
        ("ftp://:21/file", "no host"),
        ("ftp://h:0/file", "the port"),
        ("ftp://h:65536/file", "the port"),
        ("ftp://h:+21/file", "the port"),
        ("ftp://h:x/file", "the port"),
        ("ftp://u:secret/word@h/file", "the port"),
        ("ftp://[::1/file", "no ]"),
        ("ftp://[::1]x/file", "follow the ]"),
        ("ftp://hö/file", "the host"),
        ("ftp://a b/file", "the host"),
        ("ftp://:secret@h/file", "no user"),
        ("ftp://h/a%", "two hexadecimal digits"),
        ("ftp://h/a%2", "two hexadecimal digits"),
        ("ftp://h/a%+1", "two hexadecimal digits"),
        ("ftp://u%zz:secret@h/a", "% in its user"),
        ("ftp://u:secret%@h/a", "% in its password"),
        ("ftp://h/a\"b", "double quote"),
        ("ftp://h/a%22b", "double quote"),
        ("ftp://h/a%0D%0AAT+CFUN=0", "line break"),
        ("ftp://h/a\nb", "line break"),
        ("ftp://h/a%00", "NUL"),
        ("ftp://u%0a:secret@h/a", "its user holds"),
        ("ftp://u:secret%22@h/a", "its password holds"),
        ("ftp://h%0D/a", "its host holds"),
        ("ftp://h/a#b", "%23"),
        ("ftp://h/a;type=d", ";type="),
    ] {
        let sentence = bad(url);
        assert!(sentence.contains(why), "{url}: {sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
        assert!(!sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn lengths_are_counted_in_octets() {
    assert_eq!(
        good(&format!("ftp://h/{}", "%41".repeat(255))).path.len(),
        255
    );
    assert!(bad(format!("ftp://h/{}", "a".repeat(256))).contains("256 octets"));
    assert!(bad(format!("ftp://h/{}", "ä".repeat(128))).contains("256 octets"));
    assert!(bad(format!("ftp://{}@h/", "u".repeat(256))).contains("its user has"));
    assert!(bad(format!("ftp://{}/", "h".repeat(1025))).contains("its host has"));
}

#[test]
fn a_file_needs_a_name() {
    assert!(good("ftp://h").file().is_err());
    assert!(good("ftp://h/").file().is_err());
    assert!(good("ftp://h/a/").file().is_err());
    assert_eq!(good("ftp://h/a").file().unwrap(), b"a");
}

#[test]
fn an_upload_takes_the_local_name_after_a_slash() {
    assert_eq!(good("ftp://h").file_or(Some(b"l")).unwrap(), b"l");
    assert_eq!(good("ftp://h/").file_or(Some(b"l")).unwrap(), b"l");
    assert_eq!(good("ftp://h//").file_or(Some(b"l")).unwrap(), b"/l");
    assert_eq!(good("ftp://h/a/").file_or(Some(b"l")).unwrap(), b"a/l");
    assert_eq!(good("ftp://h/a").file_or(Some(b"l")).unwrap(), b"a");
    assert!(good("ftp://h/").file_or(None).is_err());
    assert!(good("ftp://h/").file_or(Some(b"a\"b")).is_err());
    let long = good(&format!("ftp://h/{}/", "a".repeat(250)));
    assert!(long.file_or(Some(b"123456")).is_err());
}

#[test]
fn a_listing_takes_any_folder() {
    assert_eq!(good("ftp://h").folder(), None);
    assert_eq!(good("ftp://h/").folder(), None);
    assert_eq!(good("ftp://h//").folder(), Some(&b"/"[..]));
    assert_eq!(good("ftp://h/a/").folder(), Some(&b"a"[..]));
    assert_eq!(good("ftp://h//a").folder(), Some(&b"/a"[..]));
}

#[test]
fn a_place_that_is_changed_needs_a_name() {
    assert!(good("ftp://h").named().is_err());
    assert!(good("ftp://h/").named().is_err());
    assert_eq!(good("ftp://h/a/").named().unwrap(), b"a");
    assert_eq!(good("ftp://h//a/b").named().unwrap(), b"/a/b");
}

#[test]
fn a_local_name_never_leaves_its_folder() {
    assert_eq!(good("ftp://h/a/b").last_name().unwrap(), b"b");
    assert_eq!(good("ftp://h/..%2f..%2fb").last_name().unwrap(), b"b");
    for url in [
        "ftp://h",
        "ftp://h/a/",
        "ftp://h/..",
        "ftp://h/a/.",
        "ftp://h/a%2F..",
    ] {
        assert!(good(url).last_name().is_err(), "{url}");
    }
}

#[test]
fn encoding_is_the_way_back() {
    let octets: Vec<u8> = (0..=255).collect();
    assert_eq!(decode(encode(&octets).as_bytes()).unwrap(), octets);
}

#[test]
fn a_quoted_url_loses_its_credentials() {
    assert_eq!(
        without_credentials("unexpected argument 'ftp://u:p@ss' w@h/x' found"),
        "unexpected argument 'ftp://***@h/x' found"
    );
    assert_eq!(without_credentials("plain a@b"), "plain a@b");
}
