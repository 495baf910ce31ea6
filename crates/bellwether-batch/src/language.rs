//! Which language a document is in, and whether the model declares it.

use bellwether::Manifest;
use serde::Serialize;
use whatlang::Lang;

/// The characters of a text that are looked at: more of them hardly change the answer.
const IDENTIFIED_CHARS: usize = 800;

/// The language of a document, and whether the model was measured in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Language {
    /// What the source states, else what was identified; none if the text is too short or too mixed to tell.
    lang: Option<String>,
    /// Whether the model declares the language; none if it is not known.
    lang_supported: Option<bool>,
}

impl Language {
    /// The language that the source of `text` states, else the one that `whatlang` identifies.
    ///
    /// A stated language is believed, and compared by its first part: `en-GB` is `en`.
    #[must_use]
    pub fn of(text: &str, stated: Option<String>, manifest: &Manifest) -> Self {
        let lang = stated.or_else(|| identify(text).map(str::to_owned));
        let lang_supported = lang.as_deref().map(|lang| {
            let primary = lang.split(['-', '_']).next().unwrap_or(lang);
            manifest.languages().iter().any(|declared| declared.eq_ignore_ascii_case(primary))
        });
        Self { lang, lang_supported }
    }

    /// The language, with another name for what its source states.
    pub(crate) fn map_code(self, name: impl FnOnce(String) -> String) -> Self {
        Self { lang: self.lang.map(name), ..self }
    }

    /// The language as an ISO 639 code, or as its source writes it.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    /// Whether the model declares the language. Scores in others are given, but nobody has measured how good they are.
    #[must_use]
    pub const fn is_supported(&self) -> Option<bool> {
        self.lang_supported
    }
}

/// The ISO 639-1 code of the language of a text, if it is long and plain enough to tell.
///
/// ```
/// use bellwether_batch::identify;
/// assert_eq!(identify("La biblioteca del barrio abre todos los sábados por la mañana."), Some("es"));
/// assert_eq!(identify("ok"), None);
/// ```
#[must_use]
pub fn identify(text: &str) -> Option<&'static str> {
    let end = text.char_indices().nth(IDENTIFIED_CHARS).map_or(text.len(), |(at, _)| at);
    let info = whatlang::detect(&text[..end])?;
    info.is_reliable().then(|| code(info.lang()))
}

/// The two letters of ISO 639-1 for the three that `whatlang` speaks.
fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}
