//! The language beside a score: stated or identified, declared by the model or not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bellwether::ModelFolder;
use bellwether_batch::{Language, identify};

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");

#[test]
fn declared_languages_are_told_apart() {
    for (code, text) in [
        ("ar", "تفتح المكتبة أبوابها كل يوم سبت صباحا، والدخول مجاني للأطفال وأهلهم."),
        ("zh", "图书馆每个星期六上午开门,孩子和家长可以免费进去看书。"),
        ("en", "The library opens every Saturday morning, and children with their parents get in for free."),
        ("fr", "La bibliothèque ouvre tous les samedis matin, et l'entrée est gratuite pour les enfants."),
        ("ru", "Библиотека открывается каждую субботу утром, детям с родителями вход бесплатный."),
        ("es", "La biblioteca abre todos los sábados por la mañana y los niños entran gratis con sus padres."),
        ("de", "Die Bibliothek öffnet jeden Samstag am Morgen, und Kinder kommen mit ihren Eltern umsonst hinein."),
        ("tr", "Kütüphane her cumartesi sabahı açılıyor, çocuklar anne ve babalarıyla ücretsiz girebiliyor."),
        ("ur", "لائبریری ہر ہفتے کی صبح کھلتی ہے اور بچے اپنے والدین کے ساتھ مفت اندر جا سکتے ہیں۔"),
        ("fa", "کتابخانه هر شنبه صبح باز می‌شود و بچه‌ها همراه پدر و مادرشان رایگان وارد می‌شوند."),
    ] {
        assert_eq!(identify(text), Some(code), "{text}");
    }
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
    for text in ["", "ok", "12:30", "🙂🙂", "\u{200B}"] {
        assert_eq!(identify(text), None, "{text:?}");
    }
}

#[test]
fn undeclared_languages_are_marked() {
    let folder = ModelFolder::verify(MODEL).unwrap();
    let of = |text, stated: Option<&str>| Language::of(text, stated.map(str::to_owned), folder.manifest());
    let finnish = of("Kirjasto aukeaa joka lauantai aamulla, ja lapset pääsevät sisään ilmaiseksi vanhempiensa kanssa.", None);
    assert_eq!((finnish.code(), finnish.is_supported()), (Some("fi"), Some(false)));
    // The source knows better than a guess from two words.
    let stated = of("ok", Some("en-GB"));
    assert_eq!((stated.code(), stated.is_supported()), (Some("en-GB"), Some(true)));
    assert_eq!(of("ok", None).is_supported(), None);
}
