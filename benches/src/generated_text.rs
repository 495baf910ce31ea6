//! Dull texts in four scripts, from a seed.

use crate::random::Random;
use crate::vocabulary::{Vocabulary, new_word};

/// Lengths of generated documents, in bytes: the shortest, and the longest but for the end of its last sentence.
const DOCUMENT_BYTES: std::ops::Range<usize> = 80..2560;

/// A script that texts are generated in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Without any accent, so that the text is ASCII.
    Latin,
    /// Two bytes a letter.
    Cyrillic,
    /// Two bytes a letter, and no capitals.
    Arabic,
    /// Three bytes a character, and no spaces between words.
    Chinese,
}

impl Script {
    /// Every script.
    pub const ALL: [Self; 4] = [Self::Latin, Self::Cyrillic, Self::Arabic, Self::Chinese];
}

/// Generates texts; a seed gives the same ones every time.
#[derive(Debug, Clone)]
pub struct TextGenerator {
    random: Random,
    vocabularies: [Vocabulary; Script::ALL.len()],
}

impl TextGenerator {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), vocabularies: Script::ALL.map(Vocabulary::of) }
    }

    /// A word of the vocabulary of a script, common ones more often.
    pub fn word(&mut self, script: Script) -> &str {
        self.vocabularies[script as usize].word(&mut self.random)
    }

    /// A long word that is in no vocabulary, unless by chance.
    pub fn new_word(&mut self, script: Script) -> String {
        new_word(script, &mut self.random)
    }

    /// Whole sentences of one script, of `bytes` bytes or up to a sentence more.
    pub fn text(&mut self, script: Script, bytes: usize) -> String {
        self.sentences(bytes, |_| script)
    }

    /// Whole sentences, each of a script by chance, of `bytes` bytes or up to a sentence more.
    pub fn mixed_text(&mut self, bytes: usize) -> String {
        self.sentences(bytes, |random| *random.choose(&Script::ALL))
    }

    /// Texts of one script each, half of them Latin, of very different lengths: each octave from 80 bytes to 2,560 has as many.
    pub fn documents(&mut self, count: usize) -> Vec<String> {
        let octaves = (DOCUMENT_BYTES.end / DOCUMENT_BYTES.start).ilog2() as usize;
        let document = |_| {
            let shortest = DOCUMENT_BYTES.start << self.random.below(octaves);
            let bytes = shortest + self.random.below(shortest);
            let script = if self.random.below(2) == 0 { Script::Latin } else { *self.random.choose(&Script::ALL[1..]) };
            self.text(script, bytes)
        };
        (0..count).map(document).collect()
    }

    fn sentences(&mut self, bytes: usize, mut script: impl FnMut(&mut Random) -> Script) -> String {
        let mut text = String::with_capacity(bytes + 256);
        while text.len() < bytes {
            let script = script(&mut self.random);
            if !text.is_empty() && script != Script::Chinese {
                text.push(' ');
            }
            self.sentence(script, &mut text);
        }
        text
    }

    fn sentence(&mut self, script: Script, text: &mut String) {
        let (space, comma, end) = match script {
            Script::Latin | Script::Cyrillic => (" ", ",", "."),
            Script::Arabic => (" ", "،", "."),
            Script::Chinese => ("", "，", "。"),
        };
        let words = 4 + self.random.below(12);
        for at in 0..words {
            let word = self.vocabularies[script as usize].word(&mut self.random);
            if at == 0 {
                let mut letters = word.chars();
                text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
                text.push_str(letters.as_str());
            } else {
                text.push_str(word);
            }
            if at + 1 == words {
                text.push_str(end);
            } else if self.random.below(8) == 0 {
                text.push_str(comma);
                text.push_str(space);
            } else {
                text.push_str(space);
            }
        }
    }
}
