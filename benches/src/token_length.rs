//! Texts of an exact number of tokens.

use bellwether::Tokenizer;

use crate::generated_text::{Script, TextGenerator};

/// The lengths that the benchmarks of whole documents use, in tokens. A window of the model holds 126, so the last two are
/// read in several.
pub const TOKEN_LENGTHS: [usize; 6] = [16, 32, 64, 128, 256, 512];

/// Words of the Latin vocabulary with exactly `tokens` tokens together.
pub fn text_of(tokens: usize, generator: &mut TextGenerator, tokenizer: &Tokenizer) -> String {
    let mut text = String::new();
    let mut ids = Vec::new();
    while ids.len() < tokens {
        let word = generator.word(Script::Latin);
        let before = ids.len();
        tokenizer.encode_word(word, &mut ids);
        if ids.len() > tokens {
            ids.truncate(before);
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}
