//! Words cut into the tokens that are likeliest together.

use std::hint::select_unpredictable;

use crawdad::{END_MARKER, Trie};

use super::definition::Model;

/// What a character that no token begins with costs beside the least likely token.
const UNKNOWN_PENALTY: f64 = 10.0;

/// The farthest from zero that a token's score may be. Logarithms of probabilities are hundreds of times nearer.
const MAX_SCORE: f64 = 1e4;

/// Scores that differ by more do so wherever the sum began that they are part of: rounding moves the sum of a word, which has 257
/// characters and scores of up to [`MAX_SCORE`], by less than a tenth of this.
const SURE: f64 = 1e-6;

/// A unigram language model over tokens (Kudo 2018, "Subword Regularization", section 3.2), in which the best cut of a word is
/// found by the Viterbi algorithm.
pub(super) struct Unigram {
    /// From a token to its id.
    tokens: Trie,
    /// The logarithm of each token's probability.
    scores: Vec<f64>,
    unknown_id: u32,
    unknown_score: f64,
}

/// Room for finding a cut, to be used again.
#[derive(Debug, Default)]
pub(crate) struct Lattice {
    chars: Vec<char>,
    /// For each place in the word the best way to it; one more than characters.
    best: Vec<Arrival>,
}

/// The last token on the best way to a place.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    score: f64,
    id: u32,
    from: usize,
}

const NOWHERE: Arrival = Arrival { score: f64::NEG_INFINITY, id: 0, from: usize::MAX };

impl Unigram {
    /// Takes over a vocabulary; an error says what is wrong with it.
    pub(super) fn new(Model { vocab, unk_id, .. }: Model) -> Result<Self, String> {
        let unknown_id =
            unk_id.filter(|&id| id < vocab.len()).ok_or("its model has no unk_id, or one that is not in its vocabulary")?;
        let scores: Vec<f64> = vocab.iter().map(|&(_, score)| score).collect();
        if scores.iter().any(|score| score.abs() > MAX_SCORE) {
            return Err(format!("its vocabulary has a score beyond {MAX_SCORE}"));
        }
        let least = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let id = |id: usize| u32::try_from(id).map_err(|_| "its vocabulary is too large".to_owned());
        let tokens = vocab.into_iter().enumerate().map(|(place, (token, _))| Ok((token, id(place)?)));
        let mut tokens = tokens.collect::<Result<Vec<_>, String>>()?;
        tokens.sort_unstable();
        let tokens = Trie::from_records(tokens).map_err(|error| format!("its vocabulary cannot be used: {error}"))?;
        Ok(Self { tokens, scores, unknown_id: id(unknown_id)?, unknown_score: least - UNKNOWN_PENALTY })
    }

    pub(super) fn vocabulary_size(&self) -> usize {
        self.scores.len()
    }

    /// Appends the ids of the likeliest tokens of a piece of text, in order. Characters without a token in a row are one
    /// unknown token.
    ///
    /// Says whether the cut would be the same behind any other text: it might not if two ways are so nearly as likely that rounding
    /// decides.
    #[inline]
    pub(super) fn cut(&self, piece: impl Iterator<Item = char>, lattice: &mut Lattice, ids: &mut Vec<u32>) -> bool {
        let Lattice { chars, best } = lattice;
        let mut is_sure = true;
        chars.clear();
        chars.extend(piece);
        best.clear();
        best.resize(chars.len() + 1, NOWHERE);
        best[0].score = 0.0;
        for from in 0..chars.len() {
            let so_far = best[from].score;
            // Without a branch: which way is better is known late, as the scores lie all over their table, and the next tokens can
            // be looked for meanwhile.
            let mut arrive = |to: usize, id: u32, score: f64| {
                let score = score + so_far;
                let old = best[to];
                is_sure &= (score - old.score).abs() > SURE;
                // The first way to a place stands against others as good.
                let is_better = score > old.score;
                best[to] = Arrival {
                    score: select_unpredictable(is_better, score, old.score),
                    id: select_unpredictable(is_better, id, old.id),
                    from: select_unpredictable(is_better, from, old.from),
                };
            };
            let mut is_alone_known = false;
            // The trie ends its keys with this character, so text must not reach it.
            let rest = chars[from..].iter().copied().take_while(|&c| c != END_MARKER);
            for (id, length) in self.tokens.common_prefix_search(rest) {
                arrive(from + length, id, self.scores[id as usize]);
                is_alone_known |= length == 1;
            }
            if !is_alone_known {
                arrive(from + 1, self.unknown_id, self.unknown_score);
            }
        }
        let (first, mut to) = (ids.len(), chars.len());
        while to > 0 {
            let Arrival { id, from, .. } = best[to];
            let is_fused = id == self.unknown_id && ids.len() > first && ids.last() == Some(&id);
            if !is_fused {
                ids.push(id);
            }
            to = from;
        }
        ids[first..].reverse();
        is_sure
    }
}
