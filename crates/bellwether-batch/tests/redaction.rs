//! Pseudonyms: what is taken for an address, and that redaction can be repeated.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod scored;

use std::fs;

use bellwether_batch::{
    Disclosure, Document, DocumentId, MAX_KEY_BYTES, MIN_KEY_BYTES, PSEUDONYM_BYTES, Redactor, ScoredDocument,
};
use proptest::prelude::*;
use scored::{classifier, score};

fn redactor() -> Redactor {
    Redactor::new(b"a key for the tests").unwrap()
}

/// The redacted text with the kinds alone: `<email>`.
fn kinds(text: &str) -> String {
    let redacted = redactor().redact(text).into_owned();
    let mut shown = String::new();
    let mut rest = redacted.as_str();
    while let Some((kind, at)) =
        ["<handle:", "<email:", "<phone:"].iter().filter_map(|kind| Some((kind, rest.find(kind)?))).min_by_key(|&(_, at)| at)
    {
        let hash = &rest[at + kind.len()..][..2 * PSEUDONYM_BYTES];
        assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{redacted}");
        shown += &rest[..at];
        shown += &kind.replace(':', ">");
        rest = &rest[at + kind.len() + hash.len() + 1..];
    }
    shown + rest
}

#[test]
fn addresses_are_found() {
    for (text, expected) in [
        ("Write to anna@example.org.", "Write to <email>."),
        ("Anna.Lind+news_1@mail.example.co.uk, now", "<email>, now"),
        ("(anna@example.org)", "(<email>)"),
        ("mailto:anna@example.org?subject=cake", "mailto:<email>?subject=cake"),
        ("анна@пример.рф и info@xn--e1afmkfd.xn--p1ai", "<email> и <email>"),
        ("联系：小明＠例子.中国。", "联系：<email>。"),
        ("مريم@مثال.إختبار", "<email>"),
        ("@anna and @Anna_2, .@bob!", "<handle> and <handle>, .<handle>!"),
        ("@anna@social.example said", "<handle> said"),
        ("@हिन्दी @مريم", "<handle> <handle>"),
        ("https://social.example/@anna/1", "https://social.example/<handle>/1"),
        ("https://anna:secret@host.example/x", "https://anna:<email>/x"),
        ("anna@bob@example.org", "<email><handle>"),
        ("@anna@@bob", "<handle>@<handle>"),
        ("an @ sign, @, @. and @@", "an @ sign, @, @. and @@"),
        ("anna @ example.org", "anna @ example.org"),
        ("logo@2x.png", "<email>"),
    ] {
        assert_eq!(kinds(text), expected, "{text}");
    }
}

#[test]
fn telephone_numbers_are_found_and_dates_are_not() {
    for (text, expected) in [
        ("Call +49 30 1234567 or 030/1234567.", "Call <phone> or <phone>."),
        ("+49 (0)170-123.45.67, please", "<phone>, please"),
        ("(555) 123-4567", "(<phone>"),
        ("tel:+4930123456", "tel:<phone>"),
        ("https://chat.example/491701234567", "https://chat.example/<phone>"),
        ("12 34 56 78", "<phone>"),
        ("0049 170 1234567", "<phone>"),
        ("٠١٢٣٤٥٦٧٨٩ و +٩٦٦ ٥٠ ١٢٣ ٤٥٦٧", "<phone> و <phone>"),
        ("۰۹۱۲۳۴۵۶۷۸۹", "<phone>"),
        ("电话13812345678请", "电话<phone>请"),
        ("０３－１２３４－５６７８", "<phone>"),
        ("＋８１（３）１２３４　５６７８", "<phone>"),
        ("03‐1234‐5678", "<phone>"),
        ("2024-05-18, 18.05.2024, 5/18/2024, 20240518", "2024-05-18, 18.05.2024, 5/18/2024, 20240518"),
        ("2024-05-18T01:58:10Z and 20240518015810", "2024-05-18T01:58:10Z and 20240518015810"),
        ("2024-05-18 12:30 - 2024-05-19 14:00", "2024-05-18 12:30 - 2024-05-19 14:00"),
        ("٢٠٢٤-٠٥-١٨", "٢٠٢٤-٠٥-١٨"),
        ("18.05.2024 030 1234567", "18.05.2024 <phone>"),
        ("030 1234567 18.05.2024", "<phone> 18.05.2024"),
        ("1 000 000 of 12.345.678 people, 1234567 of them", "1 000 000 of 12.345.678 people, 1234567 of them"),
        ("612 345 678", "<phone>"),
        ("in 2024 we sold 1234 cakes at 3.50", "in 2024 we sold 1234 cakes at 3.50"),
        ("1234567890123456", "1234567890123456"),
        ("1 2 3 4 5 6 7 8 9 10 11 12 13 14", "1 2 3 4 5 6 7 8 9 10 11 12 13 14"),
        ("<urn:uuid:550e8400-e29b-41d4-a716-446655440000>", "<urn:uuid:550e8400-e29b-41d4-a716-446655440000>"),
        ("sha1:2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "sha1:2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"),
        ("id_1234567890 1234567890abc", "id_1234567890 1234567890abc"),
    ] {
        assert_eq!(kinds(text), expected, "{text}");
    }
}

#[test]
fn one_way_of_writing_has_the_pseudonym_of_another() {
    let redactor = redactor();
    for (one, other) in [
        ("Anna@Example.org", "anna@example.ORG"),
        ("@Anna", "＠anna"),
        ("+49 30 1234567", "0049 (30) 12345-67"),
        ("030 1234567", "٠٣٠/١٢٣٤٥٦٧"),
    ] {
        assert_eq!(redactor.redact(one), redactor.redact(other));
    }
    assert_ne!(redactor.redact("@anna"), redactor.redact("@anne"));
}

#[test]
fn pseudonyms_depend_on_the_key_alone() {
    let other = Redactor::new(b"another key of the tests").unwrap();
    assert_eq!(redactor().redact("@anna"), redactor().redact("@anna"));
    assert_ne!(redactor().redact("@anna"), other.redact("@anna"));
    assert_ne!(redactor().to_string(), other.to_string());
    // HMAC-SHA-256 of `handle`, a zero byte and `@anna`. Fixed, since files of earlier runs are joined with those of later ones.
    assert_eq!(redactor().redact("@anna"), "<handle:143164ab71b43aaf>");
    assert!(!format!("{:?}", redactor()).contains("key for"));
}

#[test]
fn keys_are_read_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Redactor::from_file(&path)
    };
    assert_eq!(read(b"a key for the tests\r\n").unwrap().redact("@anna"), redactor().redact("@anna"));
    read(&[7; MIN_KEY_BYTES]).unwrap();
    read(&vec![7; MAX_KEY_BYTES]).unwrap();
    let longer = vec![7; MAX_KEY_BYTES + 1];
    for (bytes, words) in [
        (&[7; MIN_KEY_BYTES - 1][..], "has 15 bytes, and needs at least 16"),
        (b"short\n              ", "has 5 bytes"),
        (&longer, "more bytes than the limit of 65536"),
    ] {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(path.to_str().unwrap()), "{error}");
    }
    let error = Redactor::from_file(folder.path().join("none")).unwrap_err();
    assert!(error.to_string().contains("cannot read the redaction key"), "{error}");
}

#[test]
fn everything_that_is_written_is_redacted_and_no_score_changes() {
    let plain = score(&Disclosure::default().with_text());
    let redacted = score(&Disclosure::default().with_text().redacted(redactor()));
    for (plain, redacted) in plain.iter().zip(&redacted) {
        assert_eq!(plain.outcome().map(|found| *found.scores()).ok(), redacted.outcome().map(|found| *found.scores()).ok());
        assert_eq!(redacted.text(), plain.text().map(|text| redactor().redact(text).into_owned()).as_deref());
    }
    let person = "anna@example.org";
    let document = Document {
        lang: Some(person.into()),
        date: Some(person.into()),
        digest: Some(person.into()),
        ..Document::new(person, format!("Write to {person}, +49 30 1234567."))
    };
    let empty = Document::new(format!("{person}:7"), " ");
    for document in [document, empty] {
        let disclosure = Disclosure::default().with_text().redacted(redactor());
        let line = serde_json::to_string(&ScoredDocument::score_disclosing(classifier(), Ok(document), &disclosure)).unwrap();
        assert!(line.contains("<email:") && !line.contains("anna") && !line.contains("1234567."), "{line}");
    }
    let number = ScoredDocument::score(classifier(), Ok(Document::new(DocumentId::Number(491_701_234_567_u64.into()), "x")));
    assert_eq!(number.id().to_string(), "491701234567");
}

#[test]
fn evidence_is_where_the_written_text_has_it() {
    let plea = "Send money to our fighters and their families now, brothers, every coin buys weapons for the war, write @anna";
    let text = format!("anna@example.org {plea}");
    let offsets = |disclosure: &Disclosure| {
        let scored = ScoredDocument::score_disclosing(classifier(), Ok(Document::new("plea", text.as_str())), disclosure);
        let evidence = scored.outcome().unwrap().evidence()[0].range();
        (evidence.clone(), scored.text().map(|text| text[evidence].to_owned()))
    };
    let (original, _) = offsets(&Disclosure::default());
    let (unseen, none) = offsets(&Disclosure::default().redacted(redactor()));
    assert_eq!((&unseen, none), (&original, None));
    let (_, shown) = offsets(&Disclosure::default().with_text().redacted(redactor()));
    assert_eq!(shown.unwrap(), redactor().redact(&text[original]));
}

/// Pieces that meet in surprising ways.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "@",
        "＠",
        "a",
        "é",
        "न्",
        "_",
        ".",
        "-",
        "+",
        " ",
        "/",
        "(",
        ")",
        "0",
        "00",
        "1",
        "123",
        "4567",
        "123456789",
        "٣",
        "２",
        "٢٠٢٤",
        "2024",
        "05",
        "18",
        "2024-05-18",
        "18.05.2024",
        "20240518",
        "<",
        ">",
        ":",
        "\n",
        "\u{200d}",
        "anna@example.org",
        "<handle:0123456789abcdef>",
        "<phone:",
        "<email:0123456789abcde",
        "🂡",
    ];
    prop_oneof![8 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => "\\PC{0,3}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn redacting_again_changes_nothing(pieces in prop::collection::vec(piece(), 0..24)) {
        let text = pieces.concat();
        let once = redactor().redact(&text).into_owned();
        prop_assert_eq!(&redactor().redact(&once), &once, "{:?}", text);
    }

    #[test]
    fn no_address_is_left(pieces in prop::collection::vec(piece(), 0..24)) {
        let redacted = redactor().redact(&pieces.concat()).into_owned();
        let mut chars = redacted.chars().peekable();
        while let Some(char) = chars.next() {
            let next_is_word = chars.peek().is_some_and(|next| next.is_alphanumeric() || *next == '_');
            prop_assert!(!(matches!(char, '@' | '＠') && next_is_word), "{redacted:?}");
        }
    }
}
